namespace FiberLink.Sandbox.Payments;

/// <summary>How a payment ends.</summary>
public enum PaymentEnding
{
    /// <summary>The payee takes it.</summary>
    Succeeds = 1,

    /// <summary>It is under way until somebody says how it ends.</summary>
    IsHeld = 2,

    /// <summary>It comes back.</summary>
    Fails = 3,

    /// <summary>It is reported as failed and is still under way: it may arrive after all.</summary>
    FailsUnderWay = 4,
}

/// <summary>What becomes of a payment after it has left.</summary>
/// <param name="Ending">How it ends.</param>
/// <param name="Error">The code's name that a failing one ends with, such as <c>TemporaryChannelFailure</c>.</param>
internal sealed record PaymentFate(PaymentEnding Ending, string? Error = null)
{
    public static readonly PaymentFate Success = new(PaymentEnding.Succeeds);
}
