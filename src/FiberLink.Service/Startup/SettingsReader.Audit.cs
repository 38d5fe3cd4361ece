using FiberLink.Crypto.Sealing;

using Names = FiberLink.Service.Startup.ServiceSettings.Names;

namespace FiberLink.Service.Startup;

public sealed partial class SettingsReader
{
    /// <summary>What is set about the sealed log alone.</summary>
    /// <inheritdoc cref="Read(Func{string, string?})"/>
    public static AuditSettings ReadForAudit(Func<string, string?> variable)
    {
        var reader = new SettingsReader(variable, Purpose.Database);
        var settings = reader.Audit();
        return reader._problems.Count == 0 ? settings : throw new SettingsException(reader._problems);
    }

    private AuditSettings Audit()
    {
        var audit = new AuditSettings
        {
            Origin = Optional(Names.AuditOrigin, LogName, "a name without a scheme, such as hub.example/log", AuditSettings.OriginDefault),
            KeyFile = Text(Names.AuditKey),
            Passphrase = _purpose is Purpose.Node ? null : Secret(Names.AuditKeyPassphrase),
            CheckpointInterval = Seconds(Names.AuditCheckpointSeconds, 60, 1, 86_400),
        };
        if (_purpose is Purpose.Service && audit.KeyFile is null != audit.Passphrase is null)
        {
            _problems.Add($"{Names.AuditKey} and {Names.AuditKeyPassphrase} (or {Names.AuditKeyPassphrase}{FileSuffix}) go together.");
        }

        return audit;
    }

    private static string LogName(string text) =>
        NoteKey.IsName(text) && !text.Contains("://", StringComparison.Ordinal) && !text.EndsWith('/')
            ? text
            : throw new FormatException($"'{text}' is none");
}
