using System.CommandLine;
using FiberLink.Cli;
using FiberLink.Cli.Commands;

var home = new Option<string?>("--home")
{
    Description = "The folder of the development data. [default: FIBERLINK_HOME, else .fiberlink]",
    Recursive = true,
};
var json = new Option<bool>("--json") { Description = "Print data as JSON.", Recursive = true };
var shared = new SharedOptions(home, json);

var root = new RootCommand(
    """
    FiberLink: tips over the Fiber network, on an event-sourced ledger.

    Exit codes: 0 done; 1 refused, or not as it should be; 2 wrong usage or settings; 3 something needed does not answer.
    """)
{
    DevCommand.Build(shared),
    ServeCommand.Build(shared),
    DbCommands.Build(shared),
    DoctorCommand.Build(shared),
    StatusCommand.Build(shared),
    CommunitiesCommands.Build(shared),
    BalanceCommand.Build(shared),
    LedgerCommands.Build(shared),
    ExportCommand.Build(shared),
    MembersCommands.Build(shared),
    TipsCommands.Build(shared),
    WithdrawalsCommands.Build(shared),
    PayoutRulesCommands.Build(shared),
    TreasuryCommands.Build(shared),
    AdjustCommands.Build(shared),
    EventsCommands.Build(shared),
    ProjectionsCommands.Build(shared),
    NodeCommands.Build(shared),
    SettlementsCommands.Build(shared),
    MessagesCommands.Build(shared),
    ReconcileCommand.Build(shared),
    AuditCommands.Build(shared),
    SignerCommands.Build(shared),
    SandboxCommands.Build(shared),
    RpcCommand.Build(shared),
    BenchSeedCommand.Build(shared),
    DocsCommand.Build(),
};
root.Options.Add(home);
root.Options.Add(json);

return await CommandRunner.RunAsync(root, args);
