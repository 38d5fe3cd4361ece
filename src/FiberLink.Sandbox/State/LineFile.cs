using System.Text;

namespace FiberLink.Sandbox.State;

/// <summary>
/// A file of lines, only ever appended to. A last line without its end is what a crash left behind; it was never answered to anybody and
/// is dropped.
/// </summary>
internal sealed class LineFile(string path) : IDisposable
{
    private const byte LineEnd = (byte)'\n';

    private readonly Lock _lock = new();
    private readonly FileStream _file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);

    /// <summary>All whole lines; whatever is appended comes after them.</summary>
    public IReadOnlyList<string> ReadAll()
    {
        var bytes = new byte[_file.Length];
        _file.Position = 0;
        _file.ReadExactly(bytes);
        var whole = bytes.AsSpan(0, bytes.AsSpan().LastIndexOf(LineEnd) + 1);
        _file.SetLength(whole.Length);
        _file.Position = whole.Length;
        return Encoding.UTF8.GetString(whole).Split((char)LineEnd, StringSplitOptions.RemoveEmptyEntries);
    }

    public void Append(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            _file.Write([.. line, LineEnd]);
            _file.Flush();
        }
    }

    public void Dispose() => _file.Dispose();
}
