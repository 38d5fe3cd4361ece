namespace FiberLink.Service.Rpc;

/// <summary>The table of methods.</summary>
internal sealed class RpcMethods(IEnumerable<RpcMethod> methods)
{
    private readonly Dictionary<string, RpcMethod> _byName = methods.ToDictionary(m => m.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<RpcMethod> All => _byName.Values;

    public RpcMethod? Find(string name) => name.Length <= RpcEnvelope.MethodLengthMax ? _byName.GetValueOrDefault(name) : null;
}
