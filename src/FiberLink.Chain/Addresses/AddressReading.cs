namespace FiberLink.Chain.Addresses;

/// <summary>How an address was written. All but <see cref="Full"/> are out of use, and are read but not written.</summary>
public enum AddressFormat
{
    /// <summary>Code hash, hash type and arguments, with the checksum of bech32m.</summary>
    Full = 1,

    /// <summary>One of three known locks, and arguments; with the checksum of bech32.</summary>
    KnownLock = 2,

    /// <summary>Code hash by data, and arguments; with the checksum of bech32.</summary>
    FullData = 3,

    /// <summary>Code hash by type, and arguments; with the checksum of bech32.</summary>
    FullType = 4,
}

/// <summary>What came of reading a text as an address.</summary>
public abstract record AddressReading
{
    private AddressReading()
    {
    }

    /// <summary>It is an address of the chain.</summary>
    /// <param name="Lock">Whoever it belongs to.</param>
    /// <param name="Format">How it was written.</param>
    public sealed record Read(Script Lock, AddressFormat Format) : AddressReading;

    /// <summary>It is none.</summary>
    /// <param name="Reason">Why: decide by this.</param>
    /// <param name="Detail">A sentence for people.</param>
    public sealed record Refused(AddressRefusal Reason, string Detail) : AddressReading;
}

/// <summary>Why a text is no address of the chain.</summary>
public enum AddressRefusal
{
    /// <summary>It has more letters than any address.</summary>
    TooLong = 1,

    /// <summary>It has upper and lower case in it.</summary>
    MixedCase = 2,

    /// <summary>It has not the form of an address, or a letter that addresses don't have.</summary>
    NotBech32 = 3,

    /// <summary>A letter was changed, or it never was an address.</summary>
    BadChecksum = 4,

    /// <summary>It is an address of another of CKB's networks. Coins sent there would be lost.</summary>
    WrongNetwork = 5,

    /// <summary>It is something of another system.</summary>
    NotCkb = 6,

    /// <summary>Its format is unknown, or has the checksum of another.</summary>
    UnknownFormat = 7,

    /// <summary>There are too few or too many bytes for its format.</summary>
    WrongLength = 8,

    /// <summary>Its hash type is unknown.</summary>
    UnknownHashType = 9,

    /// <summary>It names a lock by a number that no lock has.</summary>
    UnknownLock = 10,
}
