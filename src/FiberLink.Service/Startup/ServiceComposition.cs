using FiberLink.EventStore;
using FiberLink.EventStore.Projections;
using FiberLink.EventStore.Sealing;
using FiberLink.HubNode;
using FiberLink.HubNode.Changes;
using FiberLink.Messaging;
using FiberLink.Postgres;
using FiberLink.Projections;
using FiberLink.Projections.AccountBalances;
using FiberLink.Projections.Communities;
using FiberLink.Projections.InvoiceWatch;
using FiberLink.Projections.LedgerEntries;
using FiberLink.Projections.SettledFeed;
using FiberLink.Projections.TipActivity;
using FiberLink.Projections.PayoutRules;
using FiberLink.Projections.TipStatus;
using FiberLink.Projections.Treasury;
using FiberLink.Projections.WalletCells;
using FiberLink.Projections.Withdrawals;
using FiberLink.Service.Authentication;
using FiberLink.Service.CommandHandling;
using FiberLink.Service.Communities;
using FiberLink.Service.Exports;
using FiberLink.Service.Ledger;
using FiberLink.Service.NodeLanguage;
using FiberLink.Service.Operations;
using FiberLink.Service.Rpc;
using FiberLink.Service.Secrets;
using FiberLink.Service.Settlements;
using FiberLink.Service.Treasury;
using FiberLink.Service.Wallet;
using FiberLink.Service.Withdrawals;
using Npgsql;

namespace FiberLink.Service.Startup;

/// <summary>Who is given what. Features register themselves in their modules.</summary>
internal static class ServiceComposition
{
    private const int PoolMax = 40;
    private const int StatementsPreparedMax = 200;

    public static IServiceCollection AddFoundations(this IServiceCollection services, ServiceSettings settings) =>
        services
            .AddSingleton(settings)
            .AddSingleton(TimeProvider.System)
            .AddSingleton(_ => DataSource(settings))
            .AddSingleton(new AssetSettings(settings.Tokens))
            .AddSingleton(new MasterKeys(settings.MasterKeys))
            .AddSingleton(new StopPoints(settings.StopAt))
            .AddSingleton<Ids>()
            .AddSingleton<TipSecrets>()
            .AddSingleton<MemberKeys>()
            .AddSingleton<MemberTexts>()
            .AddSingleton<NodeWords>();

    public static IServiceCollection AddLog(this IServiceCollection services) =>
        services
            .AddSingleton<ICommitRowWriter, OutboxWriter>()
            .AddSingleton<ICommitRowWriter, CommunitySecretWriter>()
            .AddSingleton<ICommitRowWriter, MemberKeyErasureWriter>()
            .AddSingleton<ICommitRowWriter, AdmissionWriter>()
            .AddSingleton<ICommitRowWriter, BudgetWriter>()
            .AddSingleton<ICommitRowWriter, TokenRoomWriter>()
            .AddSingleton<ICommitRowWriter, LogSaltWriter>()
            .AddSingleton<ICommitRowWriter, ProjectionDecisionWriter>()
            .AddSingleton(StoredEvents.Catalogue)
            .AddSingleton<IEventStore>(s => new PostgresEventStore(
                s.GetRequiredService<NpgsqlDataSource>(),
                s.GetRequiredService<EventCatalogue>(),
                ReadModels.Inline,
                s.GetServices<ICommitRowWriter>(),
                null,
                s.GetRequiredService<TimeProvider>(),
                s.GetRequiredService<ILogger<PostgresEventStore>>()))
            .AddSingleton(s => new EndedClaims(s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<TimeProvider>()))
            .AddSingleton<CommitSignals>()
            .AddSingleton<PayerAttention>()
            .AddSingleton<CommandHandler>()
            .AddSingleton<MessageQueue>()
            .AddSingleton<IMessageStore>(s => s.GetRequiredService<MessageQueue>())
            .AddSingleton(MessageHandlers.All)
            .AddSingleton(MessageSchedules.All)
            .AddSingleton<IScheduleStore, Schedules>()
            .AddSingleton<ScheduleClock>()
            .AddSingleton<IMessageHandling, MessageRouter>();

    public static IServiceCollection AddReadModels(this IServiceCollection services) =>
        services
            .AddSingleton<AccountBalancesQuery>()
            .AddSingleton<LedgerEntriesQuery>()
            .AddSingleton(s => new LogTimes(s.GetRequiredService<NpgsqlDataSource>()))
            .AddSingleton<LedgerBooks>()
            .AddSingleton<PostingOriginsQuery>()
            .AddSingleton<LedgerReasons>()
            .AddSingleton<TipTable>()
            .AddSingleton<TipsQuery>()
            .AddSingleton<WithdrawalTable>()
            .AddSingleton<ExportSources>()
            .AddSingleton<CommunitiesQuery>()
            .AddSingleton<InvoiceWatchQuery>()
            .AddSingleton<SettledFeedQuery>()
            .AddSingleton<TipActivityQuery>()
            .AddSingleton<TipStatusQuery>()
            .AddSingleton<WalletCellsQuery>()
            .AddSingleton<PayoutRulesQuery>()
            .AddSingleton<PayoutUseQuery>()
            .AddSingleton<WithdrawalsQuery>()
            .AddSingleton<MovementsQuery>()
            .AddSingleton<HubBooksQuery>();

    public static IServiceCollection AddNode(this IServiceCollection services, ServiceSettings settings) =>
        services
            .AddSingleton(_ => new NodeHttpClient())
            .AddSingleton<IHubNode>(s => new JsonRpcHubNode(
                s.GetRequiredService<NodeHttpClient>(),
                NodeHttpClient.Options(settings),
                s.GetRequiredService<TimeProvider>(),
                s.GetRequiredService<ILogger<JsonRpcHubNode>>()))
            .AddSingleton<INodeChanges>(s => new WebSocketNodeChanges(
                s.GetRequiredService<NodeHttpClient>(),
                NodeHttpClient.Options(settings),
                s.GetRequiredService<TimeProvider>(),
                s.GetRequiredService<ILogger<WebSocketNodeChanges>>()));

    public static IServiceCollection AddEdge(this IServiceCollection services) =>
        services
            .AddSingleton<CommunitySecrets>()
            .AddSingleton<NonceStore>()
            .AddSingleton<RequestAuthenticator>()
            .AddSingleton<RateLimiter>()
            .AddSingleton<RpcMethods>()
            .AddSingleton<ReflectedPosition>()
            .AddSingleton<RpcEndpoint>()
            .AddSingleton<CheckHealth>()
            .AddSingleton(new RpcMethod(
                "health.ping",
                IsRead: true,
                Subject: null,
                (_, _) => Task.FromResult<RpcResult>(new RpcResult.Ok(w =>
                {
                    w.WriteStartObject();
                    w.WriteString("status", "ok");
                    w.WriteEndObject();
                }))));

    public static IServiceCollection AddCommunities(this IServiceCollection services) =>
        services.AddSingleton(s => new CommunityAdministration(
            s.GetRequiredService<CommandHandler>(),
            s.GetRequiredService<MasterKeys>(),
            s.GetRequiredService<Ids>(),
            s.GetRequiredService<TimeProvider>()));

    public static IServiceCollection AddLoops(this IServiceCollection services, ServiceSettings settings)
    {
        var owner = $"{Environment.MachineName}/{Environment.ProcessId}";
        return services
            .AddSingleton<InvoiceCheck>()
            .AddSingleton<NodeHints>()
            .AddSingleton<NodeListener>()
            .AddSingleton<InvoiceRound>()
            .AddSingleton<SettlementWatcher>()
            .AddSingleton(s => new ProjectionDaemon(
                s.GetRequiredService<NpgsqlDataSource>(),
                s.GetRequiredService<IEventStore>(),
                [.. ReadModels.Async],
                owner,
                s.GetRequiredService<TimeProvider>(),
                s.GetRequiredService<ILogger<ProjectionDaemon>>()))
            .AddSingleton(s => new MessageDispatcher(
                s.GetRequiredService<IMessageStore>(),
                s.GetRequiredService<IMessageHandling>(),
                owner,
                new() { InFlightMax = settings.MessagesInFlight, HandledKept = settings.MessagesKept },
                s.GetRequiredService<TimeProvider>(),
                s.GetRequiredService<ILogger<MessageDispatcher>>(),
                new Notifications(s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<TimeProvider>()),
                s.GetRequiredService<ScheduleClock>()))
            .AddHostedService<Loops>();
    }

    // The plan of a prepared statement is kept until the server has analysed the table. One that was made while the table was empty
    // reads all of it, and within that minute "all" becomes thousands of rows for each tip. Every statement here has an index to go by;
    // where one wants the whole table, it still gets it. The operator's own options come after these and win.
    private const string PlansForGrowingTables = "-c enable_seqscan=off -c jit=off";

    /// <summary>Statements are prepared by use: they are few, and always the same.</summary>
    private static NpgsqlDataSource DataSource(ServiceSettings settings)
    {
        var connection = new NpgsqlConnectionStringBuilder(settings.Database)
        {
            ApplicationName = "fiberlink",
            MaxAutoPrepare = StatementsPreparedMax,
            AutoPrepareMinUsages = 2,

            // No session keeps anything that the next one must not see: settings are local to a transaction, locks are given back.
            NoResetOnClose = true,
        };
        connection.Options = $"{PlansForGrowingTables} {connection.Options}".TrimEnd();
        if (!connection.ContainsKey("Maximum Pool Size"))
        {
            connection.MaxPoolSize = PoolMax;
        }

        return new NpgsqlDataSourceBuilder(connection.ConnectionString).Build();
    }
}
