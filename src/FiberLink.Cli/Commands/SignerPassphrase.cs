using System.Security.Cryptography;
using System.Text;

namespace FiberLink.Cli.Commands;

/// <summary>
/// Where a keystore's passphrase comes from: a file, or whoever sits there. Never an argument, as everybody on the machine can read those.
/// </summary>
internal static class SignerPassphrase
{
    private const int BytesMax = 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The passphrase, without the end of its line; the caller's to wipe.</summary>
    /// <param name="file">A path; null to ask.</param>
    /// <param name="twice">Ask a second time, as it is a new one.</param>
    /// <exception cref="CommandFailedException">There is none that can be used.</exception>
    public static byte[] Read(string? file, bool twice = false)
    {
        if (file is not null)
        {
            return ReadSecretFile(file, "passphrase");
        }

        var first = Ask("Passphrase: ");
        if (twice && !Console.IsInputRedirected)
        {
            var second = Ask("Once more: ");
            var isSame = CryptographicOperations.FixedTimeEquals(first, second);
            CryptographicOperations.ZeroMemory(second);
            if (!isSame)
            {
                CryptographicOperations.ZeroMemory(first);
                throw new CommandFailedException(ExitCode.Usage, "The two are not the same; nothing was done.");
            }
        }

        return first;
    }

    /// <summary>A short file that only its owner may read, without white space at its end; the caller's to wipe.</summary>
    /// <exception cref="CommandFailedException">It is too open, too long or not readable.</exception>
    public static byte[] ReadSecretFile(string path, string whatIsInIt)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & ~OwnerOnly) != 0)
        {
            throw new CommandFailedException(
                ExitCode.Usage, $"The file with the {whatIsInIt}, '{path}', may be used by others than its owner: chmod 600.");
        }

        var bytes = new byte[BytesMax + 1];
        try
        {
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > BytesMax
                ? throw new CommandFailedException(ExitCode.Usage, $"The file with the {whatIsInIt} has more than {BytesMax} bytes.")
                : [.. bytes.AsSpan(..length).TrimEnd("\r\n "u8)];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static byte[] Ask(string prompt)
    {
        Console.Error.Write(prompt);
        var letters = new char[BytesMax];
        var count = 0;
        try
        {
            while (Next() is { } letter)
            {
                count = letter switch
                {
                    '\b' or '\x7f' => Math.Max(0, count - 1),
                    _ when count < letters.Length => Put(letters, count, letter),
                    _ => throw new CommandFailedException(ExitCode.Usage, $"A passphrase has at most {BytesMax} letters."),
                };
            }

            Console.Error.WriteLine();
            return Encoding.UTF8.GetBytes(letters, 0, count);
        }
        finally
        {
            letters.AsSpan().Clear();
        }
    }

    private static int Put(char[] letters, int at, char letter)
    {
        letters[at] = letter;
        return at + 1;
    }

    /// <summary>The next letter, not shown; null at the end of the line.</summary>
    private static char? Next()
    {
        if (!Console.IsInputRedirected)
        {
            var key = Console.ReadKey(intercept: true);
            return key.Key == ConsoleKey.Enter ? null : key.KeyChar;
        }

        return Console.In.Read() switch
        {
            -1 or '\n' => null,
            '\r' => Next(),
            var letter => (char)letter,
        };
    }
}
