namespace FiberLink.Sandbox.Control;

/// <summary>Makes happen what a control request asks for.</summary>
internal interface IAnswerControl
{
    /// <param name="httpMethod">GET or POST.</param>
    /// <param name="verb">What follows the control's own path.</param>
    /// <param name="body">JSON, or nothing.</param>
    ControlAnswer Answer(string httpMethod, string verb, byte[] body);
}
