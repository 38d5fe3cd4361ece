using System.Text.Json;

namespace FiberLink.Chain.Signing;

/// <summary>Why there is no signature.</summary>
public enum SigningRefusal
{
    /// <summary>The digest is not that of the transaction.</summary>
    DigestMismatch = 1,

    /// <summary>A cell that is spent has not the lock of the signer's key.</summary>
    NotOurCells = 2,

    /// <summary>The transaction is of a kind that the signer does not sign.</summary>
    ShapeNotAllowed = 3,

    /// <summary>More would leave than one transaction may let out.</summary>
    AboveTransactionLimit = 4,

    /// <summary>The signer cannot be reached, or does not answer. It may have signed; a signature that nobody saw moves nothing.</summary>
    Unavailable = 5,

    /// <summary>More would have left within an hour than may. Later there is room again.</summary>
    AboveHourLimit = 6,

    /// <summary>More would go to the miners than may.</summary>
    FeeAboveCap = 7,

    /// <summary>A cell isn't what the request says: the signer's node tells of another one.</summary>
    CellsDiffer = 8,

    /// <summary>The signer's node has no such cell: it is spent, or the node has not seen it yet.</summary>
    CellNotLive = 9,

    /// <summary>Another transaction that spends one of the cells was signed lately.</summary>
    InputsSignedFor = 10,

    /// <summary>An input waits for a time or a block.</summary>
    SinceNotAllowed = 11,

    /// <summary>It names headers.</summary>
    HeaderDepsNotAllowed = 12,

    /// <summary>It names a cell of code that is not on the list.</summary>
    CellDepNotListed = 13,

    /// <summary>A witness holds something else than the place of the signature.</summary>
    WitnessNotAllowed = 14,

    /// <summary>It spends or makes a cell with a type that is not on the list.</summary>
    TokenNotListed = 15,

    /// <summary>An output is neither plain coins nor a token's amount, or has less capacity than it takes up.</summary>
    OutputNotAllowed = 16,

    /// <summary>It spends another amount of a token than it gives away.</summary>
    TokensNotConserved = 17,

    /// <summary>An output goes to a lock on the deny list.</summary>
    DestinationDenied = 18,

    /// <summary>An output goes to a lock that is not on the allow list.</summary>
    DestinationNotAllowed = 19,

    /// <summary>It has more inputs than are signed for at once, or more bytes than are read.</summary>
    TooLarge = 20,

    /// <summary>The signer's node does not answer, or is on another chain, so the cells cannot be looked up.</summary>
    NodeUnavailable = 21,

    /// <summary>The signer cannot write its journal; it signs nothing until it is started again.</summary>
    JournalFailed = 22,

    /// <summary>The request cannot be read, or has not what it needs.</summary>
    BadRequest = 23,

    /// <summary>The request is of a version that the signer does not speak.</summary>
    UnknownVersion = 24,

    /// <summary>The signer is for another chain.</summary>
    WrongNetwork = 25,

    /// <summary>It gives away more coins than it spends.</summary>
    MoreOutThanIn = 26,

    /// <summary>A cell that is spent is neither plain coins nor a token's amount; what it holds besides would be lost.</summary>
    InputNotAllowed = 27,

    /// <summary>Whoever asks runs as a user who may not.</summary>
    PeerNotAllowed = 28,

    /// <summary>The signature is another key's: somebody else answers at the signer's address.</summary>
    OtherKey = 29,
}

/// <summary>What whoever is refused can do.</summary>
public enum SigningAdvice
{
    /// <summary>Ask again for the same transaction: nothing is wrong with it.</summary>
    AskAgain = 1,

    /// <summary>Ask again for the same transaction, later.</summary>
    AskLater = 2,

    /// <summary>Look at the cells again, and plan another transaction once it is known what became of this one.</summary>
    PlanAnew = 3,

    /// <summary>It will not be signed as it is; a person has to look.</summary>
    AskOperator = 4,
}

/// <summary>By how much a limit is in the way, in smallest units.</summary>
/// <param name="Asset"><c>ckb</c>, or the name of a token in the signer's settings.</param>
/// <param name="Asked">What would leave, or be the fee.</param>
/// <param name="Limit">What may.</param>
/// <param name="Used">What left within the hour already; zero for limits that do not add up.</param>
public sealed record SigningFigures(string Asset, UInt128 Asked, UInt128 Limit, UInt128 Used);

/// <summary>The reasons as texts, and what follows from each.</summary>
public static class SigningRefusals
{
    /// <summary>The reason's name on the wire and in logs: <c>above_hour_limit</c>.</summary>
    public static string Text(this SigningRefusal reason) => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());

    /// <summary>Reads what <see cref="Text"/> writes; null for a name that is unknown.</summary>
    public static SigningRefusal? Parse(string text) =>
        Enum.GetValues<SigningRefusal>().Where(r => r.Text() == text).Select(r => (SigningRefusal?)r).FirstOrDefault();

    public static SigningAdvice Advice(this SigningRefusal reason) => reason switch
    {
        SigningRefusal.Unavailable or SigningRefusal.NodeUnavailable => SigningAdvice.AskAgain,
        SigningRefusal.AboveHourLimit or SigningRefusal.JournalFailed => SigningAdvice.AskLater,
        SigningRefusal.CellsDiffer or SigningRefusal.CellNotLive or SigningRefusal.InputsSignedFor or SigningRefusal.FeeAboveCap =>
            SigningAdvice.PlanAnew,
        _ => SigningAdvice.AskOperator,
    };
}
