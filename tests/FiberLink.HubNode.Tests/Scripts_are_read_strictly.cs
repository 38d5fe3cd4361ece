using FsCheck;
using FsCheck.Fluent;

namespace FiberLink.HubNode.Tests;

public sealed class Scripts_are_read_strictly
{
    [Fact]
    public void A_molecule_with_any_word_of_its_frame_changed_is_no_script()
    {
        var bytes = new UdtScript($"0x{new string('c', 64)}", "type", "0x0102").ToMolecule();
        int[] frame = [.. Enumerable.Range(0, 16), 48, .. Enumerable.Range(49, 4)];

        Assert.All(frame, at =>
        {
            var changed = bytes.ToArray();
            changed[at] ^= 0x40;
            Assert.False(UdtScript.TryFromMolecule(changed, out _), $"Byte {at} may be anything.");
        });
    }

    [Fact]
    public void Every_script_comes_back_from_its_molecule() =>
        Prop.ForAll<byte[], byte>((args, kind) =>
        {
            string[] kinds = ["data", "type", "data1", "data2"];
            var script = new UdtScript($"0x{new string('c', 64)}", kinds[kind % 4], $"0x{Convert.ToHexString(args)}");
            var bytes = script.ToMolecule();
            return UdtScript.TryFromMolecule(bytes, out var back) && back == script
                && !UdtScript.TryFromMolecule([.. bytes, 0], out _)
                && !UdtScript.TryFromMolecule(bytes.AsSpan(1), out _);
        }).QuickCheckThrowOnFailure();
}
