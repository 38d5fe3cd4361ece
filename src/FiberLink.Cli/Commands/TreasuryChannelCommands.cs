using System.CommandLine;
using FiberLink.Service;
using FiberLink.Service.Treasury.Administration;
using Microsoft.Extensions.DependencyInjection;

namespace FiberLink.Cli.Commands;

/// <summary><c>treasury to-channel</c> and <c>treasury to-chain</c>: between the hot wallet and the node's channels.</summary>
internal static class TreasuryChannelCommands
{
    public static Command BuildToChannel(SharedOptions shared)
    {
        var peer = new Option<string>("--peer") { Description = "The peer's public key; it has to be on the list.", Required = true };
        var (amount, words) = (new AmountOptions(), new OperatorOptions());
        var toChannel = new Command(
            "to-channel",
            "Ask for CKB of the hot wallet to be put into a new channel with a peer. Another person must agree."
            + OperatorOptions.ExitCodes)
        {
            peer, amount.Amount,
        };
        words.AddTo(toChannel);
        toChannel.SetAction(async (parsed, ct) =>
        {
            var (by, reason) = words.Read(parsed);
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            var asked = amount.ReadCkb(parsed);
            return await TreasuryCommands.SayAsync(
                tools,
                await tools.GetRequiredService<TreasuryAdministration>()
                    .RequestOpeningAsync(parsed.GetValue(peer)!, asked.Units, by, reason, ct),
                "requested",
                parsed.GetValue(shared.Json),
                ct);
        });
        return toChannel;
    }

    public static Command BuildToChain(SharedOptions shared)
    {
        var channel = new Option<string>("--channel") { Description = "The channel's id, as 'node channels' lists it.", Required = true };
        var words = new OperatorOptions();
        var toChain = new Command(
            "to-chain",
            "Ask for a channel to be closed with the peer's agreement, and for what is ours of it to come back to the hot wallet. Another "
            + "person must agree." + OperatorOptions.ExitCodes)
        {
            channel,
        };
        words.AddTo(toChain);
        toChain.SetAction(async (parsed, ct) =>
        {
            var (by, reason) = words.Read(parsed);
            await using var tools = ServiceHost.BuildTools(shared.HomeOf(parsed).ToolSettings());
            return await TreasuryCommands.SayAsync(
                tools,
                await tools.GetRequiredService<TreasuryAdministration>().RequestClosingAsync(parsed.GetValue(channel)!, by, reason, ct),
                "requested",
                parsed.GetValue(shared.Json),
                ct);
        });
        return toChain;
    }
}
