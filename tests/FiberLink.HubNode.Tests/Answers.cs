namespace FiberLink.HubNode.Tests;

internal static class Answers
{
    public static T Value<T>(NodeAnswer<T> answer) => Assert.IsType<NodeAnswer<T>.Ok>(answer).Value;

    public static NodeAnswer<T>.Failed Failure<T>(NodeFailure expected, NodeAnswer<T> answer)
    {
        var failed = Assert.IsType<NodeAnswer<T>.Failed>(answer);
        Assert.True(expected == failed.Failure, $"{failed.Failure} instead of {expected}: {failed.Detail}");
        return failed;
    }
}
