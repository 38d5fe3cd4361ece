namespace FiberLink.Sandbox.Control;

/// <summary>What a control request comes to.</summary>
internal abstract record ControlAnswer
{
    private ControlAnswer()
    {
    }

    public sealed record Done(object Body) : ControlAnswer;

    public sealed record Refused(string Reason) : ControlAnswer;

    public sealed record Unreadable(string Reason) : ControlAnswer;

    public sealed record NoSuchThing : ControlAnswer;
}
