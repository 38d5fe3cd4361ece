using System.Runtime.Versioning;
using System.Text;
using FiberLink.Chain.Signing.Remote;

namespace FiberLink.Chain.Signing.Journal;

/// <summary>
/// The file in which a signer writes what it is about to sign, before it signs. Only ever appended to; each line is on the disk before
/// <see cref="Append"/> comes back. One process has it at a time. Not for several threads.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class SignerJournal : IDisposable
{
    private const byte LineEnd = (byte)'\n';
    private const long BytesMax = 1L << 30;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _file;
    private readonly List<JournalLine> _read = [];
    private string _check = JournalText.Start;

    private SignerJournal(FileStream file) => _file = file;

    /// <summary>The lines that were there when it was opened.</summary>
    public IReadOnlyList<JournalLine> Lines => _read;

    /// <summary>Whether there was none, so that nothing counts as signed.</summary>
    public bool IsNew { get; private set; }

    /// <summary>How many bytes of an unfinished last line were taken off: its signature never left.</summary>
    public int TornBytes { get; private set; }

    /// <summary>After a write that failed nobody knows what is on the disk, so nothing more is written.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Opens it, or makes it where there is none.</summary>
    /// <exception cref="SignerStartException">It is in use, not readable, damaged, or another signer's.</exception>
    public static SignerJournal Open(string path, JournalLine.Opened whose)
    {
        try
        {
            var isNew = !File.Exists(path);
            var journal = new SignerJournal(new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
                BufferSize = 0,
            }));
            try
            {
                journal.Begin(path, whose, isNew);
                return journal;
            }
            catch
            {
                journal.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SignerStartException("journal", $"'{path}' cannot be used: {e.Message}");
        }
    }

    /// <summary>Adds a line, and comes back when it is on the disk.</summary>
    /// <exception cref="IOException">It may or may not be there; the journal is broken from now on.</exception>
    public void Append(JournalLine line)
    {
        if (IsBroken)
        {
            throw new IOException("A write failed before.");
        }

        var (text, check) = JournalText.Write(line, _check);
        try
        {
            _file.Write([.. Encoding.UTF8.GetBytes(text), LineEnd]);
            _file.Flush(flushToDisk: true);
            _check = check;
        }
        catch (Exception e)
        {
            IsBroken = true;
            throw e as IOException ?? new IOException("The journal cannot be written.", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private void Begin(string path, JournalLine.Opened whose, bool isNew)
    {
        if ((File.GetUnixFileMode(_file.SafeFileHandle) & ~OwnerOnly) != 0)
        {
            throw new SignerStartException("journal", $"'{path}' may be used by others than its owner: chmod 600.");
        }

        if (_file.Length > BytesMax)
        {
            throw new SignerStartException(
                "journal", $"'{path}' has more than {BytesMax} bytes; begin a new one when nothing in it counts any more.");
        }

        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        var whole = bytes.AsSpan().LastIndexOf(LineEnd) + 1;
        TornBytes = bytes.Length - whole;
        Read(bytes.AsSpan(..whole), path, whose);
        _file.SetLength(whole);
        _file.Position = whole;
        if (_read.Count == 0)
        {
            IsNew = true;
            Append(whose);
        }

        if (isNew)
        {
            // A file that was just made is lost with its folder's entry.
            Posix.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
    }

    private void Read(ReadOnlySpan<byte> whole, string path, JournalLine.Opened whose)
    {
        for (var number = 1; !whole.IsEmpty; number++)
        {
            var end = whole.IndexOf(LineEnd);
            if (JournalText.Read(whole[..end], _check) is not var (line, check) || (line is JournalLine.Opened) != (number == 1))
            {
                throw new SignerStartException(
                    "journal", $"Line {number} of '{path}' is damaged, or what came before it is missing. Nothing was changed.");
            }

            if (line is JournalLine.Opened opened && opened != whose)
            {
                throw new SignerStartException(
                    "journal",
                    $"'{path}' is version {opened.Version}, of the key {opened.PublicKey} on {opened.Network}, and not this signer's.");
            }

            _check = check;
            _read.Add(line);
            whole = whole[(end + 1)..];
        }
    }
}
