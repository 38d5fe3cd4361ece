namespace FiberLink.HubNode.JsonRpc;

/// <summary>A method of the node's, and what may be done with a call of it.</summary>
/// <param name="Name">The node's name for it.</param>
/// <param name="IsRepeatable">
/// Calling it again after an outage does no harm: it only reads, or what it does is known by a hash that the caller has made.
/// Never true of what sends money.
/// </param>
/// <param name="KnownSince">The first version that is known to have it, where an older one is still met; null where all have it.</param>
/// <param name="AnswersNull">It has nothing to say but that it was done.</param>
internal sealed record NodeMethod(string Name, bool IsRepeatable, NodeVersion? KnownSince = null, bool AnswersNull = false)
{
    public static readonly NodeMethod NodeInfo = new("node_info", IsRepeatable: true);
    public static readonly NodeMethod NewInvoice = new("new_invoice", IsRepeatable: true);
    public static readonly NodeMethod GetInvoice = new("get_invoice", IsRepeatable: true);
    public static readonly NodeMethod ParseInvoice = new("parse_invoice", IsRepeatable: true);
    public static readonly NodeMethod CancelInvoice = new("cancel_invoice", IsRepeatable: true);
    public static readonly NodeMethod SettleInvoice = new("settle_invoice", IsRepeatable: false);
    public static readonly NodeMethod SendPayment = new("send_payment", IsRepeatable: false);
    public static readonly NodeMethod GetPayment = new("get_payment", IsRepeatable: true);
    public static readonly NodeMethod ListPayments = new("list_payments", IsRepeatable: true, NodeVersion.V0_8);
    public static readonly NodeMethod ListChannels = new("list_channels", IsRepeatable: true);
    public static readonly NodeMethod ListPeers = new("list_peers", IsRepeatable: true);
    public static readonly NodeMethod OpenChannel =
        new("open_channel_with_external_funding", IsRepeatable: false, NodeVersion.V0_8);

    public static readonly NodeMethod SubmitFunding = new("submit_signed_funding_tx", IsRepeatable: false, NodeVersion.V0_8);
    public static readonly NodeMethod AbandonChannel = new("abandon_channel", IsRepeatable: false, AnswersNull: true);
    public static readonly NodeMethod ShutDownChannel = new("shutdown_channel", IsRepeatable: false, AnswersNull: true);
}
