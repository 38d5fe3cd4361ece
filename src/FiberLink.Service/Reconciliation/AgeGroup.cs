namespace FiberLink.Service.Reconciliation;

/// <summary>For how long something has been so.</summary>
internal enum AgeGroup
{
    UnderAnHour = 1,
    UnderADay = 2,
    UnderAWeek = 3,
    Older = 4,

    /// <summary>Nothing tells since when.</summary>
    NotKnown = 5,
}

/// <summary>Puts what is found into groups.</summary>
internal static class AgeGroups
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    public static AgeGroup Of(DateTimeOffset? since, DateTimeOffset now) =>
        since is not { } time ? AgeGroup.NotKnown
        : now - time < Hour ? AgeGroup.UnderAnHour
        : now - time < Day ? AgeGroup.UnderADay
        : now - time < Week ? AgeGroup.UnderAWeek
        : AgeGroup.Older;

    /// <summary>As it is shown.</summary>
    public static string Name(this AgeGroup group) =>
        group switch
        {
            AgeGroup.UnderAnHour => "< 1 h",
            AgeGroup.UnderADay => "< 24 h",
            AgeGroup.UnderAWeek => "< 7 d",
            AgeGroup.Older => "older",
            _ => "not known",
        };
}
