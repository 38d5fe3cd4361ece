using FiberLink.Service.Tests.Scene;
using FiberLink.Service.Withdrawals.Administration;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Service.Tests.Withdrawals;

/// <summary>What an operator's command line has: the database, and no loops of its own.</summary>
internal sealed class OperatorsProcess(RunningService service) : IAsyncDisposable
{
    private readonly ServiceProvider _tools =
        ServiceHost.BuildTools(service.Settings, services => services.AddSingleton<TimeProvider>(service.Clock));

    public PayoutRulesAdministration Rules => _tools.GetRequiredService<PayoutRulesAdministration>();

    public WithdrawalAdministration Withdrawals => _tools.GetRequiredService<WithdrawalAdministration>();

    public WithdrawalReports Reports => _tools.GetRequiredService<WithdrawalReports>();

    public ValueTask DisposeAsync() => _tools.DisposeAsync();
}

internal static class OperatorAnswers
{
    public static async Task IsDoneAsync(this Task<OperatorAnswer> answer) => Assert.Equal(new OperatorAnswer.Done(true), await answer);

    public static async Task IsNothingNewAsync(this Task<OperatorAnswer> answer) =>
        Assert.Equal(new OperatorAnswer.Done(false), await answer);

    public static async Task IsRefusedAsync(this Task<OperatorAnswer> answer, string why) =>
        Assert.Equal(why, Assert.IsType<OperatorAnswer.Refused>(await answer).Why);
}
