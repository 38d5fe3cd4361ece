using FiberLink.Chain;
using FiberLink.HubNode;

namespace FiberLink.Service.Treasury;

/// <summary>Scripts of the chain in the Fiber node's words.</summary>
internal static class NodeScripts
{
    public static NodeScript Of(Script script) =>
        new(script.CodeHash.ToHex(), ScriptHashTypes.NameOf(script.HashType), script.Args.ToString());
}
