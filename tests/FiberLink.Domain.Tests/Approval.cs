using System.Runtime.CompilerServices;

namespace FiberLink.Domain.Tests;

/// <summary>
/// Compares a text with the approved one beside the test, <c>&lt;name&gt;.verified.md</c>. When they differ, what was received is
/// written to <c>&lt;name&gt;.received.md</c>; to approve it, move it over the other.
/// </summary>
internal static class Approval
{
    public static void Verify(string received, string name, [CallerFilePath] string test = "")
    {
        var approvedFile = Path.Combine(Path.GetDirectoryName(test)!, $"{name}.verified.md");
        var receivedFile = Path.Combine(Path.GetDirectoryName(test)!, $"{name}.received.md");
        var approved = File.Exists(approvedFile) ? File.ReadAllText(approvedFile) : "";
        if (approved == received)
        {
            File.Delete(receivedFile);
            return;
        }

        File.WriteAllText(receivedFile, received);
        Assert.Fail($"{receivedFile} is not what was approved.\n{FirstDifference(approved, received)}");
    }

    private static string FirstDifference(string approved, string received)
    {
        var (was, now) = (approved.Split('\n'), received.Split('\n'));
        var line = was.Zip(now).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"Line {line + 1}\n  approved: {was.ElementAtOrDefault(line)}\n  received: {now.ElementAtOrDefault(line)}";
    }
}
