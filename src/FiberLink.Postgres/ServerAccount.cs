using System.Globalization;

namespace FiberLink.Postgres;

/// <summary>Who runs the server: oneself, or an unprivileged system user when we are root, as whom PostgreSQL refuses to run.</summary>
internal sealed class ServerAccount
{
    private const string OurUser = "fiberlink";
    private static readonly string[] SystemUsers = ["postgres", OurUser];

    private readonly (string User, int Group)? _other;

    private ServerAccount((string User, int Group)? other) => _other = other;

    /// <summary>The account to run as.</summary>
    /// <param name="data">Existing data, which stays with the user it belongs to; or null.</param>
    /// <param name="ct">Cancels the look-up.</param>
    public static async Task<ServerAccount> FindAsync(string? data, CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new ServerAccount(null);
        }

        var candidates = data is not null && await OwnerAsync(data, ct) is > 0 and var owner
            ? SystemUsers.Prepend(owner.ToString(CultureInfo.InvariantCulture))
            : SystemUsers;
        foreach (var user in candidates)
        {
            if (await OfAsync(user, ct) is { } account)
            {
                return account;
            }
        }

        var useradd = ChildProcess.Find("useradd")
            ?? throw new PrivatePostgresException("PostgreSQL may not run as root, and there is no useradd to make it a user of its own.");
        var added = await ChildProcess.RunAsync([useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", OurUser], ct);
        return await OfAsync(OurUser, ct)
            ?? throw new PrivatePostgresException($"PostgreSQL may not run as root, and useradd failed: {added.Output}");
    }

    /// <summary>The numeric id of the user that owns a file or folder (not what a link points to).</summary>
    public static async Task<int?> OwnerAsync(string path, CancellationToken ct)
    {
        var stat = await ChildProcess.RunAsync(["stat", "-c", "%u", path], ct);
        return stat.Well ? int.Parse(stat.Output, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Runs a program as this account.</summary>
    public Task<Finished> RunAsync(IReadOnlyList<string> commandLine, CancellationToken ct) =>
        ChildProcess.RunAsync(As(commandLine), ct);

    /// <summary>Whether the account can use what lies in a folder.</summary>
    public async Task<bool> CanEnterAsync(string folder, CancellationToken ct) =>
        (await RunAsync(["test", "-x", folder], ct)).Well;

    /// <summary>Creates a folder that only the account (and root) can look into, if it is not there yet.</summary>
    public async Task OwnFolderAsync(string folder, CancellationToken ct)
    {
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await OwnAsync(folder, ct);
        }
    }

    /// <summary>Hands a file or folder over to the account.</summary>
    public async Task OwnAsync(string path, CancellationToken ct)
    {
        if (_other is { } other)
        {
            var chown = await ChildProcess.RunAsync(["chown", "-h", $"{other.User}:{other.Group}", path], ct);
            if (!chown.Well)
            {
                throw new PrivatePostgresException(chown.Output);
            }
        }
    }

    public override string ToString() => _other?.User ?? Environment.UserName;

    private static async Task<ServerAccount?> OfAsync(string user, CancellationToken ct)
    {
        var name = await ChildProcess.RunAsync(["id", "-un", user], ct);
        var group = await ChildProcess.RunAsync(["id", "-g", user], ct);
        return name.Well && group.Well && name.Output != "root"
            ? new ServerAccount((name.Output, int.Parse(group.Output, CultureInfo.InvariantCulture)))
            : null;
    }

    private IReadOnlyList<string> As(IReadOnlyList<string> commandLine)
    {
        if (_other is not { } other)
        {
            return commandLine;
        }

        if (ChildProcess.Find("setpriv") is { } setpriv)
        {
            return [setpriv, $"--reuid={other.User}", $"--regid={other.Group}", "--init-groups", "--", .. commandLine];
        }

        return ChildProcess.Find("runuser") is { } runuser
            ? [runuser, "-u", other.User, "--", .. commandLine]
            : ["su", "-s", "/bin/sh", other.User, "-c", string.Join(' ', commandLine.Select(Shell.Quote))];
    }
}

internal static class Shell
{
    /// <summary>One word for a POSIX shell, whatever it contains.</summary>
    public static string Quote(string word) => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
