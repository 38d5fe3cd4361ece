namespace FiberLink.HubNode.Tests.Contract;

/// <summary>The tests that share one pair of real nodes, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class RealNodes : ICollectionFixture<RealNodesUnderTest>
{
    public const string Name = "The real nodes";
}

public sealed class The_sandbox_over_http_does_with_invoices(SandboxOverHttp node)
    : What_every_node_does_with_invoices(node), IClassFixture<SandboxOverHttp>;

public sealed class The_sandbox_over_http_does_with_payments(SandboxOverHttp node)
    : What_every_node_does_with_payments(node), IClassFixture<SandboxOverHttp>;

public sealed class The_sandbox_over_http_refuses(SandboxOverHttp node)
    : What_every_node_refuses_to_pay(node), IClassFixture<SandboxOverHttp>;

public sealed class The_sandbox_over_a_websocket_does_with_invoices(SandboxOverWebSocket node)
    : What_every_node_does_with_invoices(node), IClassFixture<SandboxOverWebSocket>;

public sealed class The_sandbox_over_a_websocket_does_with_payments(SandboxOverWebSocket node)
    : What_every_node_does_with_payments(node), IClassFixture<SandboxOverWebSocket>;

public sealed class The_sandbox_over_http_does_with_channels(SandboxOverHttp node)
    : What_every_node_does_with_channels(node), IClassFixture<SandboxOverHttp>;

[Collection(RealNodes.Name)]
public sealed class A_real_node_does_with_channels(RealNodesUnderTest node) : What_every_node_does_with_channels(node);

[Collection(RealNodes.Name)]
public sealed class A_real_node_does_with_invoices(RealNodesUnderTest node) : What_every_node_does_with_invoices(node);

[Collection(RealNodes.Name)]
public sealed class A_real_node_does_with_payments(RealNodesUnderTest node) : What_every_node_does_with_payments(node);

[Collection(RealNodes.Name)]
public sealed class A_real_node_refuses(RealNodesUnderTest node) : What_every_node_refuses_to_pay(node);
