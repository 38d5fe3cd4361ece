namespace FiberLink.Chain.Node;

/// <summary>What the node's error codes mean. They stand here and nowhere else.</summary>
internal static class PoolRefusals
{
    private const long MethodNotFound = -32601;
    private const long ModuleDisabled = -4;
    private const long Deprecated = -2;
    private const long FailedToBroadcast = -101;
    private const long FailedToResolve = -301;
    private const long FailedToVerify = -302;
    private const long OutputsValidator = -1102;
    private const long IllTransaction = -1103;
    private const long MinFeeRate = -1104;
    private const long MaxAncestors = -1105;
    private const long PoolIsFull = -1106;
    private const long Duplicated = -1107;
    private const long Malformed = -1108;
    private const long TransactionExpired = -1109;
    private const long SizeLimit = -1110;
    private const long Replacing = -1111;
    private const long Invalidated = -1112;
    private const long InvalidRequest = -32600;
    private const long InvalidParams = -32602;
    private const long ParseError = -32700;

    /// <summary>Of a call that changes nothing.</summary>
    public static ChainFailure OfQuestion(long code) => code switch
    {
        MethodNotFound or ModuleDisabled or Deprecated => ChainFailure.NotOffered,
        _ => ChainFailure.Rejected,
    };

    /// <summary>Of a transaction that was sent.</summary>
    public static SendOutcome OfTransaction(long code, string message) => code switch
    {
        Duplicated => new SendOutcome.InPool(WasThere: true),

        // The pool has it, and the node has no one to tell.
        FailedToBroadcast => new SendOutcome.InPool(WasThere: false),
        FailedToResolve => Refused(
            message.Contains("Dead(", StringComparison.Ordinal) ? SendRefusal.InputDead : SendRefusal.InputUnknown, message),
        FailedToVerify or OutputsValidator or IllTransaction or Malformed or InvalidParams or InvalidRequest or ParseError =>
            Refused(SendRefusal.Invalid, message),
        MinFeeRate => Refused(SendRefusal.FeeTooLow, message),
        MaxAncestors => Refused(SendRefusal.TooManyAncestors, message),
        PoolIsFull => Refused(SendRefusal.PoolFull, message),
        TransactionExpired => Refused(SendRefusal.Expired, message),
        SizeLimit => Refused(SendRefusal.TooLarge, message),
        Replacing or Invalidated => Refused(SendRefusal.Conflict, message),
        MethodNotFound or ModuleDisabled => Refused(SendRefusal.Other, message),

        // Among these are the node's own faults, in the midst of which it may have taken the transaction.
        _ => new SendOutcome.NotKnown($"{code}: {message}"),
    };

    private static SendOutcome.Refused Refused(SendRefusal reason, string message) => new(reason, message);
}
