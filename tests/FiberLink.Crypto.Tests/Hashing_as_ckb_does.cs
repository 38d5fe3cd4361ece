using System.Text;

namespace FiberLink.Crypto.Tests;

public sealed class Hashing_as_ckb_does
{
    // Lengths around the block of 128 bytes, bytes 0..250 repeated; computed with another implementation of BLAKE2b.
    [Theory]
    [InlineData(0, "44f4c69744d5f8c55d642062949dcae49bc4e7ef43d388c5a12f42b5633d163e")]
    [InlineData(1, "ef3f1252fe6f373c05e5e9c6371e230e29c1226b21752ab21611479b57a0f9d6")]
    [InlineData(32, "5ef21c916586ed3112468f107756797ecb56c72fc72d4da33d0f876d6a178cf9")]
    [InlineData(127, "cfd841cb95f84b932d2544dd57058ac7dff6c03db1ce0f0769db5f15d9c29913")]
    [InlineData(128, "bd884467b7c169be49cdf82907f46ddc25c9bf36cf495eea856439e11a248b4d")]
    [InlineData(129, "85d9de2da9c9350a6b6c712160142afcfa6f2d3072c16dc0fdd8d2b47218b481")]
    [InlineData(255, "81cb1b76137188e2ec05225fb99c913027c57cd4b9f2df134a14b082e2de1d9a")]
    [InlineData(256, "b00898c552056a52a397aec308c975705128891f38823a26f714a419b61b44fe")]
    [InlineData(257, "8e573eebade4fb3dc66c4e71bc61fc4b0cee0255046652ea90b52b19fbeb5d01")]
    [InlineData(1000, "550fc7ed2caf56c5bf26125ab058efc43205c1788d9d4f6668e31892d368d108")]
    public void Every_length_around_a_block_has_its_digest(int length, string digest) =>
        Assert.Equal(digest, Convert.ToHexStringLower(CkbHash.Compute([.. Enumerable.Range(0, length).Select(i => (byte)(i % 251))])));

    [Fact]
    public void It_is_not_plain_blake2b()
    {
        const string Plain = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";

        Assert.NotEqual(Plain, Convert.ToHexStringLower(CkbHash.Compute(Encoding.UTF8.GetBytes(string.Empty))));
    }
}
