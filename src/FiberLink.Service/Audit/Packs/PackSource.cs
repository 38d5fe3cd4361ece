using System.IO.Compression;

namespace FiberLink.Service.Audit.Packs;

/// <summary>Where a pack is read from: a folder, or a zip file of one.</summary>
internal abstract class PackSource : IDisposable
{
    /// <summary>The names of all files in it.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>Opens the one that is there, or a file that may be a zip.</summary>
    /// <exception cref="InvalidDataException">It is neither.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static PackSource Open(string path) => Directory.Exists(path) ? new Folder(path) : new Zip(path);

    /// <summary>Opens a file; several may be open at a time.</summary>
    public abstract Stream Read(string name);

    public abstract void Dispose();

    /// <summary>A file's lines, one after the other.</summary>
    public IEnumerable<string> Lines(string name)
    {
        using var reader = new StreamReader(Read(name));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private sealed class Folder(string path) : PackSource
    {
        public override IReadOnlyList<string> Names { get; } =
            [.. Directory.EnumerateFileSystemEntries(path).Select(f => Path.GetFileName(f))];

        public override Stream Read(string name) => File.OpenRead(Path.Combine(path, name));

        public override void Dispose()
        {
            // A folder is not held.
        }
    }

    private sealed class Zip : PackSource
    {
        private readonly ZipArchive _archive;

        public Zip(string path) => _archive = ZipFile.OpenRead(path);

        public override IReadOnlyList<string> Names => [.. _archive.Entries.Select(e => e.FullName)];

        public override Stream Read(string name) =>
            _archive.GetEntry(name)?.Open() ?? throw new FileNotFoundException($"The pack has no file '{name}'.");

        public override void Dispose() => _archive.Dispose();
    }
}
