using System.CommandLine;
using FiberLink.Domain.Money;
using FiberLink.Events.Money;
using FiberLink.Service.Startup;

namespace FiberLink.Cli.Commands;

/// <summary><c>--amount</c> and, where it is not of CKB alone, <c>--asset</c>.</summary>
internal sealed class AmountOptions
{
    public Option<string> Amount { get; } = new("--amount") { Description = "How much, as people count it.", Required = true };

    public Option<string> Asset { get; } = new("--asset") { Description = "Of what.", DefaultValueFactory = _ => "CKB" };

    /// <exception cref="CommandFailedException">It is no amount of CKB.</exception>
    public Amount ReadCkb(ParseResult parsed) => Read(parsed.GetValue(Amount)!, AssetDefinition.Ckb);

    /// <exception cref="CommandFailedException">There is no such asset, or it is no amount of it.</exception>
    public Amount Read(ParseResult parsed, AssetSettings assets) =>
        Read(
            parsed.GetValue(Amount)!,
            assets.Find(parsed.GetValue(Asset)!)
                ?? throw new CommandFailedException(ExitCode.Usage, $"--asset: there is no asset '{parsed.GetValue(Asset)}'."));

    private static Amount Read(string text, AssetDefinition asset) =>
        AmountText.Parse(text, asset, out var problem)
        ?? throw new CommandFailedException(
            ExitCode.Usage, $"--amount: '{text}' is no amount of {asset.Asset} ({problem}); write 61 or 99.5.");
}
