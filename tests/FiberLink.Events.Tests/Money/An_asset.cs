using FiberLink.Events.Money;

namespace FiberLink.Events.Tests.Money;

public sealed class An_asset
{
    [Theory]
    [InlineData("CKB")]
    [InlineData("US")]
    [InlineData("USDI2")]
    [InlineData("ABCDEFGHIJKL")]
    public void Has_a_code_of_capital_letters_and_digits(string code) => Assert.Equal(code, new Asset(code).Code);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("C")]
    [InlineData("ckb")]
    [InlineData("9CKB")]
    [InlineData("CK B")]
    [InlineData("CKB\n")]
    [InlineData("ABCDEFGHIJKLM")]
    [InlineData("CK\u0412")]
    [InlineData("CK\u0661")]
    public void Has_no_other_code(string? code)
    {
        Assert.False(Asset.IsCode(code));
        Assert.Throws<ArgumentException>(() => new Asset(code!));
    }

    [Fact]
    public void Is_the_same_asset_when_the_code_is() => Assert.Equal(Asset.Ckb, new Asset("CKB"));

    [Fact]
    public void That_was_never_set_is_an_error_when_it_is_used() => Assert.Throws<InvalidOperationException>(() => default(Asset).Code);
}
