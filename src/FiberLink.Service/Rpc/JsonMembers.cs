using System.Runtime.InteropServices;
using System.Text.Json;

namespace FiberLink.Service.Rpc;

/// <summary>Finds members of objects that strangers sent.</summary>
internal static class JsonMembers
{
    /// <summary>The value at a name, the last one if there are several; undefined when there is none, or the parent is no object.</summary>
    public static JsonElement Member(this JsonElement parent, string name)
    {
        var found = default(JsonElement);
        if (parent.ValueKind is JsonValueKind.Object)
        {
            foreach (var member in parent.EnumerateObject())
            {
                found = IsNamed(member, name) ? member.Value : found;
            }
        }

        return found;
    }

    // Comparing throws where a name holds half of a surrogate pair. No name of ours holds a surrogate at all.
    private static bool IsNamed(JsonProperty member, string name)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(member);
        return raw.IndexOf(@"\ud"u8) < 0 && raw.IndexOf(@"\uD"u8) < 0 && member.NameEquals(name);
    }
}
