namespace FiberLink.HubNode.JsonRpc;

/// <summary>
/// What the node's error codes and texts mean. The node gives one code to every refusal of its own and tells them apart by text only, so
/// all the texts we go by stand here and nowhere else.
/// </summary>
internal static class NodeRefusals
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int Unauthorized = -32999;

    private const int InvalidParams = -32602;
    private const int OversizedRequest = -32007;
    private const int ApplicationError = -32000;

    // By beginning: some texts end with a hash or a currency. Versions differ in their capitals.
    private static readonly (string Beginning, NodeFailure Meaning)[] Texts =
    [
        ("invoice not found", NodeFailure.InvoiceNotFound),
        ("invoice already exists", NodeFailure.InvoiceAlreadyExists),
        ("Duplicated invoice found", NodeFailure.InvoiceAlreadyExists),
        ("invoice can not be canceled, current status: Paid", NodeFailure.InvoiceAlreadyPaid),
        ("invoice can not be canceled, current status: Cancelled", NodeFailure.InvoiceAlreadyCancelled),
        ("Invoice is already paid", NodeFailure.InvoiceAlreadyPaid),
        ("Invoice is already cancelled", NodeFailure.InvoiceAlreadyCancelled),
        ("Invoice is still open", NodeFailure.InvoiceStillOpen),
        ("Invoice is already expired", NodeFailure.InvoiceAlreadyExpired),
        ("Hash mismatch", NodeFailure.PreimageMismatch),
        ("Currency must be", NodeFailure.WrongNetwork),
        ("InvalidParameter: Payment session not found", NodeFailure.PaymentNotFound),
        ("Payment session not found", NodeFailure.PaymentNotFound),
        ("Channel not found", NodeFailure.ChannelNotFound),
        ("Repeated processing message: Signed funding tx has already been submitted", NodeFailure.FundingAlreadySubmitted),
    ];

    public static NodeFailure Meaning(long code, string message) => code switch
    {
        ApplicationError => MeaningOfText(message),
        Unauthorized => NodeFailure.Unauthorized,
        ParseError or InvalidRequest or InvalidParams or MethodNotFound or OversizedRequest => NodeFailure.InvalidRequest,

        // Among these is the internal error, after which anything may have happened.
        _ => NodeFailure.NoAnswer,
    };

    private static NodeFailure MeaningOfText(string message)
    {
        foreach (var (beginning, meaning) in Texts)
        {
            if (message.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
            {
                return meaning;
            }
        }

        return NodeFailure.Rejected;
    }
}
