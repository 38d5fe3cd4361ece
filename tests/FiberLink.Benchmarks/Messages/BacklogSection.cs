using FiberLink.Benchmarks.Log;
using FiberLink.Messaging;

namespace FiberLink.Benchmarks.Messages;

/// <summary>
/// Messages of one community while others wait: for later, behind the first of their key, or ready, of another community.
/// </summary>
/// <param name="sizes">How many wait.</param>
internal sealed class BacklogSection(IReadOnlyList<int> sizes) : ISection
{
    private const int Producers = 8;
    private const double Flat = 0.9;

    private static readonly IReadOnlyList<(string What, string State, string Key, string Tenant)> Kinds =
    [
        ("wait for later", "scheduled", "null", Notes.Tenant),
        ("are behind", "behind", "'busy'", Notes.Tenant),
        ("are ready, of another community", "ready", "null", "other"),
    ];

    public string Name => "backlog";

    public async Task RunAsync(LogBench bench, CancellationToken ct)
    {
        await bench.TitleAsync("The same beside a backlog");
        var none = await MeasureAsync(bench, "none waits", 0, "scheduled", "null", "", ct);
        await bench.AddAsync(none);
        foreach (var (what, state, key, tenant) in Kinds)
        {
            var reference = none;
            foreach (var size in sizes)
            {
                var row = await MeasureAsync(bench, $"{size:N0} {what}", size, state, key, tenant, ct);
                await bench.AddAsync(row with
                {
                    Goals = state == "ready" && size == sizes[0]
                        ? []
                        : [new(Figure.Rate, reference.Measured.Rate, Flat, Producers) { IsAbsolute = true }],
                    Note = row.Note,
                });

                // Those that are ready are handled beside ours, which takes its part of the machine however many they are.
                reference = state == "ready" ? row : reference;
            }
        }
    }

    private static async Task<LogRow> MeasureAsync(
        LogBench bench, string work, int size, string state, string key, string tenant, CancellationToken ct)
    {
        await using var messages = await RunningMessages.StartAsync(bench, "backlog", RetrySchedule.Default, ct);
        if (size > 0)
        {
            // As they would be after a while: the server has looked at the table.
            await messages.ExecuteAsync(
                $"""
                insert into messaging.waiting (message_id, name, tenant_id, body, due_at, state, ordering_key)
                select gen_random_uuid(), '{Notes.Type.Name}', '{tenant}', '{Notes.Type.Write(new(Guid.Empty, Fails: false))}',
                       clock_timestamp() + case when '{state}' = 'ready' then interval '0' else interval '1 day' end, '{state}', {key}
                  from generate_series(1, {size})
                """,
                ct);
            await messages.ExecuteAsync("vacuum analyze messaging.waiting", ct);
            await messages.ExecuteAsync("checkpoint", ct);
        }

        var before = messages.Handled;
        var row = await FlowSection.ClosedAsync(bench, messages, Producers, ct, work);
        var others = messages.Handled - before - row.Measured.Count;
        return state == "ready" ? row with { Note = $"{others:N0} of theirs were handled meanwhile, and in warming up" } : row;
    }
}
