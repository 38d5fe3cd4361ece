using FiberLink.Crypto.Sealing;
using FiberLink.EventStore.Sealing;
using FiberLink.Postgres;
using FiberLink.Service.Startup;
using Npgsql;

namespace FiberLink.Service.Audit;

/// <summary>Seals what is appended, and signs checkpoints. One service node does so at a time.</summary>
internal sealed class LogSealing(NpgsqlDataSource database, ServiceSettings settings, TimeProvider time, ILogger<LogSealing> logger)
    : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LockInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(10);

    private readonly AuditSettings _audit = settings.Audit;
    private readonly LogSealer _sealer = new(database);
    private readonly SealKeys _keys = new(database, settings.Audit.Origin, time);
    private readonly CheckpointBook _book = new(
        database,
        settings.Audit.Origin,
        settings.Audit.KeyFile is { } file ? new SignerMemory(AuditKeyFile.MemoryOf(file)) : null,
        time);

    private NoteSigner? _signer;

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await using (var held = await AdvisoryLock.TryTakeAsync(database, "log-sealing", ct))
                {
                    await (held is null ? Task.CompletedTask : SealAsync(held, ct));
                }

                await Task.Delay(LockInterval, time, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception broken) when (broken is LogNotWholeException or AuditKeyException or NpgsqlException or IOException)
            {
                Say(broken);
                await SleepAsync(ct);
            }
        }
    }

    public void Dispose() => _signer?.Dispose();

    private async Task SealAsync(AdvisoryLock held, CancellationToken ct)
    {
        // As if it were due: what was sealed before a restart need not wait.
        var signedAt = time.GetTimestamp() - (long)(_audit.CheckpointInterval.TotalSeconds * time.TimestampFrequency);
        while (await held.IsStillHeldAsync(ct))
        {
            await _sealer.SealAsync(null, ct);
            if (_audit.KeyFile is not null && time.GetElapsedTime(signedAt) >= _audit.CheckpointInterval)
            {
                await SignAsync(ct);
                signedAt = time.GetTimestamp();
            }

            await Task.Delay(Pause, time, ct);
        }
    }

    private async Task SignAsync(CancellationToken ct)
    {
        // After a change of keys the file holds another one.
        if (_signer is null || !await _keys.IsCurrentAsync(_signer.Key, ct))
        {
            _signer?.Dispose();
            _signer = null;
            _signer = AuditKeyFile.Open(_audit.KeyFile!, _audit.Origin, _audit.Passphrase!);
            if (!await _keys.IsCurrentAsync(_signer.Key, ct))
            {
                throw new AuditKeyException($"The key in '{_audit.KeyFile}' is not the one that signs this log.");
            }
        }

        await _book.SignAsync(_signer, null, ct);
    }

    private void Say(Exception broken)
    {
        switch (broken)
        {
            case LogNotWholeException changed:
                AuditLog.NotWhole(logger, changed, changed.Message);
                break;
            case AuditKeyException key:
                AuditLog.NoKey(logger, key.Message);
                break;
            default:
                AuditLog.SealingFailed(logger, broken);
                break;
        }
    }

    private async Task SleepAsync(CancellationToken ct)
    {
        try
        {
            await Task.Delay(PauseAfterFailure, time, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The loop ends.
        }
    }
}

internal static partial class AuditLog
{
    [LoggerMessage(
        2900, LogLevel.Critical, "The log is not whole, and nothing more is sealed or signed: {Finding} Run 'fiberlink audit verify'")]
    public static partial void NotWhole(ILogger logger, Exception cause, string finding);

    [LoggerMessage(2901, LogLevel.Error, "No checkpoint can be signed: {Reason}")]
    public static partial void NoKey(ILogger logger, string reason);

    [LoggerMessage(2902, LogLevel.Warning, "The log could not be sealed; it will be tried again")]
    public static partial void SealingFailed(ILogger logger, Exception cause);
}
