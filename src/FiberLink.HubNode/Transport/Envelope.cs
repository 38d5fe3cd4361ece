using System.Text.Json;

namespace FiberLink.HubNode.Transport;

/// <summary>What a message on a shared connection is, by its outermost members alone.</summary>
internal enum EnvelopeKind
{
    /// <summary>Has a whole number as its id.</summary>
    Answer = 1,

    /// <summary>Has a method and no id.</summary>
    Notification = 2,

    /// <summary>Nothing that says whose it is.</summary>
    Unreadable = 3,
}

/// <summary>Finds out whose a message is without reading it: what it says is for the call to read.</summary>
internal readonly record struct Envelope(EnvelopeKind Kind, long Id)
{
    private const int DepthMax = 64;

    private static readonly Envelope Unreadable = new(EnvelopeKind.Unreadable, 0);

    public static Envelope Of(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message, new JsonReaderOptions { MaxDepth = DepthMax });
        try
        {
            return Read(ref reader);
        }
        catch (JsonException)
        {
            return Unreadable;
        }
    }

    private static Envelope Read(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return Unreadable;
        }

        long? id = null;
        var hasMethod = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = reader.ValueTextEquals("id"u8);
            hasMethod |= reader.ValueTextEquals("method"u8);
            reader.Read();
            if (isId)
            {
                // Two ids are nobody's, and so is an id that is none of our numbers.
                if (id is not null || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var value))
                {
                    return Unreadable;
                }

                id = value;
            }

            reader.Skip();
        }

        reader.Read();
        return id is { } own ? new(EnvelopeKind.Answer, own)
            : hasMethod ? new(EnvelopeKind.Notification, 0)
            : Unreadable;
    }
}
