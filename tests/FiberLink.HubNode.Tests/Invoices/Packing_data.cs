using FiberLink.HubNode.Invoices.Compression;
using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.HubNode.Tests.Invoices;

public sealed class Packing_data
{
    [Fact]
    public void Every_row_of_bytes_comes_back() =>
        Prop.ForAll<byte[]>(data =>
            AdaptiveCode.TryUnpack(AdaptiveCode.Pack(data), data.Length, out var back) == Unpacking.Done && back.AsSpan().SequenceEqual(data))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2_000).WithEndSize(2_000));

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    public void What_repeats_takes_little_room_and_comes_back_only_as_far_as_is_allowed(byte value)
    {
        const int Length = 16_384;
        byte[] data = [.. Enumerable.Repeat(value, Length)];
        var packed = AdaptiveCode.Pack(data);

        Assert.InRange(packed.Length, 1, 300);
        Assert.Equal(Unpacking.Done, AdaptiveCode.TryUnpack(packed, Length, out var back));
        Assert.Equal(data, back);
        Assert.Equal(Unpacking.TooLong, AdaptiveCode.TryUnpack(packed, Length - 1, out var none));
        Assert.Empty(none);
    }

    [Fact]
    public void Any_bytes_are_unpacked_or_refused_within_the_limit() =>
        Prop.ForAll<byte[]>(packed =>
        {
            var reading = AdaptiveCode.TryUnpack(packed, 100, out var data);
            return data.Length <= 100 && (reading == Unpacking.Done || data.Length == 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000).WithEndSize(500));

    [Fact]
    public void Half_of_the_packed_bytes_have_no_end() =>
        Assert.Equal(Unpacking.RanOut, AdaptiveCode.TryUnpack(AdaptiveCode.Pack(new byte[300]).AsSpan(..4), 10_000_000, out _));

    [Fact]
    public void Counting_by_tree_is_counting() =>
        Prop.ForAll<byte[]>(data =>
        {
            var tree = new SymbolCounts();
            int[] counts = [.. Enumerable.Repeat(1, 257)];
            foreach (var value in data)
            {
                tree.Count(value);
                counts[value]++;
            }

            return tree.Total == counts.Sum()
                && Enumerable.Range(0, 258).All(symbol => tree.Below(symbol) == counts.Take(symbol).Sum())
                && Enumerable.Range(0, 257).All(symbol => FindsAllOf(tree, symbol, counts));
        }).QuickCheckThrowOnFailure();

    private static bool FindsAllOf(SymbolCounts tree, int symbol, int[] counts)
    {
        var range = CodeRange.Full;
        var below = counts.Take(symbol).Sum();
        var first = range.At(below, tree.Total);
        var last = range.At(below + counts[symbol], tree.Total) - 1;
        return tree.Find(range, first) == (symbol, below, counts[symbol]) && tree.Find(range, last) == (symbol, below, counts[symbol]);
    }
}
