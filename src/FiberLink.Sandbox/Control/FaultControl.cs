namespace FiberLink.Sandbox.Control;

/// <summary>What goes wrong on the way to any node, and back.</summary>
internal sealed class FaultControl(Faults faults)
{
    /// <summary>Null for what is none of these.</summary>
    /// <exception cref="FormatException">The body says what cannot be.</exception>
    public ControlAnswer? Answer(string httpMethod, string verb, byte[] body) => (httpMethod, verb) switch
    {
        ("POST", "away") => Switch(ControlReading.Read<ControlWire.Away>(body).ForMs is { } ms
            ? () => faults.GoAway(ControlReading.Duration(ms))
            : () => faults.GoAway(null)),
        ("POST", "back") => Switch(faults.ComeBack),
        ("POST", "slow") => Slow(ControlReading.Read<ControlWire.Slow>(body)),
        ("POST", "lose-answers") => LoseAnswers(ControlReading.Read<ControlWire.LoseAnswers>(body)),
        ("POST", "cut") => Cut(ControlReading.Read<ControlWire.Cut>(body)),
        _ => null,
    };

    private ControlAnswer.Done LoseAnswers(ControlWire.LoseAnswers request)
    {
        var count = ControlReading.Count(request.Count);
        return Switch(() => faults.LoseAnswers(count));
    }

    private ControlAnswer.Done Slow(ControlWire.Slow request)
    {
        var typical = ControlReading.Duration(request.Ms);
        var (min, max) = (ControlReading.Duration(request.MinMs ?? request.Ms), ControlReading.Duration(request.MaxMs ?? request.Ms));
        if (min > typical || typical > max)
        {
            throw new FormatException("The shortest is not above the typical, and the longest not below it.");
        }

        var latency = new Latency(min, typical, max, ControlReading.Share(request.TailShare));
        return Switch(() => faults.AnswerAfter(latency, request.Seed));
    }

    private ControlAnswer.Done Cut(ControlWire.Cut request) =>
        Switch(() => faults.Cut(ControlReading.Share(request.Before), ControlReading.Share(request.After), request.Seed));

    private static ControlAnswer.Done Switch(Action change)
    {
        change();
        return new(new ControlWire.Nothing());
    }
}
