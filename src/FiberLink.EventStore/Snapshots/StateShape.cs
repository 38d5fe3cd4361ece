using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace FiberLink.EventStore.Snapshots;

/// <summary>Tells one shape of a state from another by what its JSON has: members, their types, and how those are written.</summary>
/// <remarks>The C# names of objects do not count, nor does the order of their members.</remarks>
internal sealed class StateShape
{
    private readonly StringBuilder _text = new();
    private readonly Dictionary<Type, int> _seen = [];

    private StateShape()
    {
    }

    /// <summary>64 hexadecimal digits.</summary>
    public static string Of(JsonTypeInfo json, int foldVersion)
    {
        var shape = new StateShape();
        shape._text.Append(System.Globalization.CultureInfo.InvariantCulture, $"fold {foldVersion} of ");
        shape.Describe(json);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(shape._text.ToString())));
    }

    private void Describe(JsonTypeInfo json)
    {
        if (Nullable.GetUnderlyingType(json.Type) is { } value)
        {
            _text.Append('?');
            Describe(json.Options.GetTypeInfo(value));
            return;
        }

        switch (json.Kind)
        {
            case JsonTypeInfoKind.Object:
                DescribeObject(json);
                break;
            case JsonTypeInfoKind.Enumerable:
                _text.Append('[');
                Describe(json.Options.GetTypeInfo(json.ElementType!));
                _text.Append(']');
                break;
            case JsonTypeInfoKind.Dictionary:
                _text.Append('<');
                Describe(json.Options.GetTypeInfo(json.KeyType!));
                _text.Append(',');
                Describe(json.Options.GetTypeInfo(json.ElementType!));
                _text.Append('>');
                break;
            default:
                DescribeValue(json.Type, json.Converter);
                break;
        }
    }

    private void DescribeObject(JsonTypeInfo json)
    {
        // A type within itself is the one at that place.
        if (!_seen.TryAdd(json.Type, _seen.Count))
        {
            _text.Append('^').Append(_seen[json.Type]);
            return;
        }

        _text.Append('{');
        var members = json.Properties.Where(p => p.Get is not null || p.Set is not null);
        foreach (var member in members.OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            _text.Append(member.Name).Append(member.IsRequired ? '!' : ':').Append(member.IsSetNullable ? '?' : ' ');
            if (member.CustomConverter is { } converter)
            {
                DescribeValue(member.PropertyType, converter);
            }
            else
            {
                Describe(json.Options.GetTypeInfo(member.PropertyType));
            }

            _text.Append(';');
        }

        var kinds = json.PolymorphismOptions?.DerivedTypes ?? [];
        foreach (var kind in kinds.OrderBy(d => $"{d.TypeDiscriminator}", StringComparer.Ordinal))
        {
            _text.Append('|').Append(kind.TypeDiscriminator).Append('=');
            Describe(json.Options.GetTypeInfo(kind.DerivedType));
        }

        _text.Append('}');
    }

    private void DescribeValue(Type type, JsonConverter converter)
    {
        _text.Append(type);

        // The library's own names for its converters may change with the library; what they write does not.
        var by = converter.GetType();
        if (by.Assembly != typeof(JsonConverter).Assembly)
        {
            _text.Append(" by ").Append(by);
        }

        if (type.IsEnum)
        {
            foreach (var name in Enum.GetNames(type))
            {
                _text.Append('|').Append(name).Append('=').Append(Enum.Format(type, Enum.Parse(type, name), "d"));
            }
        }
    }
}
