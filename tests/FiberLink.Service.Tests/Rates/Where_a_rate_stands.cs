using System.Text.Json;
using FiberLink.Service.Rates;

namespace FiberLink.Service.Tests.Rates;

public sealed class Where_a_rate_stands
{
    // RFC 6901, section 5.
    private const string Sample =
        """{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}""";

    [Theory]
    [InlineData("", Sample)]
    [InlineData("/foo", """["bar","baz"]""")]
    [InlineData("/foo/0", "\"bar\"")]
    [InlineData("/", "0")]
    [InlineData("/a~1b", "1")]
    [InlineData("/c%d", "2")]
    [InlineData("/e^f", "3")]
    [InlineData("/g|h", "4")]
    [InlineData("/i\\j", "5")]
    [InlineData("/k\"l", "6")]
    [InlineData("/ ", "7")]
    [InlineData("/m~0n", "8")]
    [InlineData("/nobody", null)]
    [InlineData("/foo/2", null)]
    [InlineData("/foo/-", null)]
    [InlineData("/foo/-1", null)]
    [InlineData("/foo/01", null)]
    [InlineData("/foo/99999999999", null)]
    [InlineData("/foo/0/0", null)]
    public void Is_found_as_the_standard_says(string path, string? value)
    {
        using var json = JsonDocument.Parse(Sample);

        Assert.Equal(value, JsonPointer.Parse(path).Find(json.RootElement)?.GetRawText());
    }

    [Theory]
    [InlineData("foo")]
    [InlineData("/~")]
    [InlineData("/~2")]
    [InlineData("/a~0~")]
    [InlineData("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17")]
    public void Is_nowhere_when_the_pointer_is_none(string path) =>
        Assert.Throws<FormatException>(() => JsonPointer.Parse(path));

    [Fact]
    public void A_tilde_that_is_written_out_stands_for_itself()
    {
        using var json = JsonDocument.Parse("""{"~1":1,"/":2}""");

        Assert.Equal("1", JsonPointer.Parse("/~01").Find(json.RootElement)?.GetRawText());
    }
}
