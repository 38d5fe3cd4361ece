namespace FiberLink.Testing;

/// <summary>Empties the log between tests, whatever tables it has.</summary>
public static class EmptyLog
{
    /// <summary>Leaves the tables of the schema <c>event_store</c> as they were made.</summary>
    public const string Sql =
        """
        do $empty$
        begin
            execute (select 'truncate ' || string_agg(format('%I.%I', schemaname, tablename), ', ')
                       from pg_tables where schemaname = 'event_store' and tablename <> 'log_head');
            update event_store.log_head set position = 0;
        end
        $empty$;
        """;
}
