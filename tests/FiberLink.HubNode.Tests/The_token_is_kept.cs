using System.ComponentModel.DataAnnotations;
using FiberLink.HubNode.Changes;

namespace FiberLink.HubNode.Tests;

public sealed class The_token_is_kept : IDisposable
{
    private const string First = "EowBCjQKBG5vZGU_first";
    private const string Second = "EowBCjQKBG5vZGU_second";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fiberlink-token");
    private readonly DrivenTime _time = new();
    private readonly LogLines<JsonRpcHubNode> _log = new();

    private string TokenFile => Path.Combine(_folder.FullName, "token");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_rotated_token_is_used_without_a_restart_and_a_broken_file_leaves_the_last_one()
    {
        await using var node = new RawNode(c => RawNode.Response(InvoiceAnswers.To(c)));
        await File.WriteAllTextAsync(TokenFile, $"{First}\n", Scene.Ct);
        await using var hub = new JsonRpcHubNode(Wire.NewHttpClient(), FileOptions(node.Endpoint), _time);

        foreach (var content in new[] { First, Second, "", "not a token\r\nX-Evil: 1", null })
        {
            if (content is null)
            {
                File.Delete(TokenFile);
            }
            else
            {
                await File.WriteAllTextAsync(TokenFile, content, Scene.Ct);
            }

            _time.Advance(TimeSpan.FromSeconds(1));
            Answers.Value(await hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct));
        }

        Assert.Equal(
            [First, Second, Second, Second, Second],
            node.Requests.Select(r => r.Split("\r\n").Single(l => l.StartsWith("Authorization:", StringComparison.Ordinal))[22..]));
    }

    [Fact]
    public async Task A_new_token_gets_a_connection_of_its_own_and_the_old_one_gives_its_last_answer()
    {
        var isRotated = new TaskCompletionSource();
        var hasArrived = new TaskCompletionSource();
        var hasLeft = new TaskCompletionSource();
        await using var node = new RawWebSocketNode(async connection =>
        {
            var call = await connection.ReceiveAsync();
            if (connection.Index == 0)
            {
                hasArrived.SetResult();
                await isRotated.Task;
            }

            await connection.SendAsync(InvoiceAnswers.To(call));
            try
            {
                await connection.ListenAsync();
            }
            finally
            {
                hasLeft.TrySetResult();
            }
        });
        await File.WriteAllTextAsync(TokenFile, First, Scene.Ct);
        await using var hub = new JsonRpcHubNode(Wire.NewHttpClient(), FileOptions(node.Endpoint), _time);

        var old = hub.FindInvoiceAsync(InvoiceAnswers.Hash(1), Scene.Ct);
        await hasArrived.Task;
        await File.WriteAllTextAsync(TokenFile, Second, Scene.Ct);
        _time.Advance(TimeSpan.FromSeconds(1));
        Answers.Value(await hub.FindInvoiceAsync(InvoiceAnswers.Hash(2), Scene.Ct));
        isRotated.SetResult();

        Assert.Equal(InvoiceAnswers.Hash(1), Answers.Value(await old).PaymentHash);
        await hasLeft.Task;
        Assert.Contains($"Authorization: Bearer {First}\r\n", node.Upgrades[0], StringComparison.Ordinal);
        Assert.Contains($"Authorization: Bearer {Second}\r\n", node.Upgrades[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_happens_the_token_is_in_no_message()
    {
        var said = new List<string>();
        foreach (var refusal in new[] { "401 Unauthorized", "500 Internal Server Error" })
        {
            await using var http = new RawNode(_ => RawNode.Response(refusal, refusal));
            await using var socket = new RawWebSocketNode(c => c.ListenAsync(), _ => refusal);
            foreach (var endpoint in new[] { http.Endpoint, socket.Endpoint, new Uri("http://127.0.0.1:1"), new Uri("ws://127.0.0.1:1") })
            {
                var options = new HubNodeOptions { Endpoint = endpoint, BearerToken = First, OutagesMax = 1, RetriesMax = 0 };
                await using var hub = new JsonRpcHubNode(Wire.NewHttpClient(), options, _time, _log);
                said.Add(Assert.IsType<NodeAnswer<NodeInfo>.Failed>(await hub.GetInfoAsync(Scene.Ct)).Detail);
                said.Add($"{options} {hub}");
            }
        }

        Assert.DoesNotContain("EowB", string.Concat(said) + string.Concat(_log.All), StringComparison.Ordinal);
        Assert.Contains(2400, _log.Ids);
    }

    [Theory]
    [InlineData("both", "BearerToken")]
    [InlineData("missing", "BearerTokenFile")]
    [InlineData("empty", "BearerTokenFile")]
    [InlineData("strange", "BearerTokenFile")]
    [InlineData("strange value", "BearerToken")]
    public async Task A_wrong_setting_is_named_at_once_and_the_token_is_not_repeated(string how, string setting)
    {
        await File.WriteAllTextAsync(TokenFile, how is "empty" ? " \n" : how is "strange" ? $"{First} two words" : First, Scene.Ct);
        var options = new HubNodeOptions
        {
            Endpoint = new("http://127.0.0.1:8227"),
            BearerToken = how is "both" ? First : how is "strange value" ? $"{First}\r\nX-Evil: 1" : null,
            BearerTokenFile = how is "strange value" ? null : how is "missing" ? $"{TokenFile}.not" : TokenFile,
        };

        var problems = new List<ValidationResult>();
        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true));
        using var http = Wire.NewHttpClient();
        string[] messages =
        [
            Assert.Single(problems).ErrorMessage!,
            Assert.Throws<HubNodeSettingsException>(() => new JsonRpcHubNode(http, options, _time)).Message,
            Assert.Throws<HubNodeSettingsException>(() => new WebSocketNodeChanges(http, options, _time)).Message,
        ];

        Assert.All(messages, m =>
        {
            Assert.Contains($"HubNode:{setting}", m, StringComparison.Ordinal);
            Assert.DoesNotContain("EowB", m, StringComparison.Ordinal);
        });
    }

    private HubNodeOptions FileOptions(Uri endpoint) => new() { Endpoint = endpoint, BearerTokenFile = TokenFile, RetriesMax = 0 };
}
