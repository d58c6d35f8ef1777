using System.Text.RegularExpressions;
using Landlock.Kernel;

namespace Landlock.Tests.Kernel;

public sealed partial class AbiTests
{
    // Written from include/uapi/linux/landlock.h, release by release.
    public static TheoryData<int, string, ulong, ulong, ulong, ulong, int> Table => new()
    {
        { 1, "5.13", 0x1FFF, 0x0, 0x0, 0x00, 8 },
        { 2, "5.19", 0x3FFF, 0x0, 0x0, 0x00, 8 },
        { 3, "6.2", 0x7FFF, 0x0, 0x0, 0x00, 8 },
        { 4, "6.7", 0x7FFF, 0x3, 0x0, 0x00, 16 },
        { 5, "6.10", 0xFFFF, 0x3, 0x0, 0x00, 16 },
        { 6, "6.12", 0xFFFF, 0x3, 0x3, 0x00, 24 },
        { 7, "6.15", 0xFFFF, 0x3, 0x3, 0x07, 24 },
        { 8, "7.0", 0xFFFF, 0x3, 0x3, 0x0F, 24 },
        { 9, "7.1", 0x1FFFF, 0x3, 0x3, 0x0F, 24 },
        { 10, "7.2", 0x1FFFF, 0xF, 0x3, 0x0F, 48 },
        { 11, "7.3", 0x1FFFF, 0xF, 0x3, 0x1F, 48 },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Every_version_has_its_masks_release_and_attribute_size(int abi, string release, ulong fs, ulong net, ulong scopes, ulong flags, int size)
    {
        Assert.Equal(fs, (ulong)Abi.AllFs(abi));
        Assert.Equal(net, (ulong)Abi.AllNet(abi));
        Assert.Equal(scopes, (ulong)Abi.AllScopes(abi));
        Assert.Equal(flags, (ulong)Abi.AllFlags(abi));
        Assert.Equal(release, Abi.Release(abi));
        Assert.Equal(size, Abi.AttributeSize(abi));
        Assert.Equal(abi >= 10, Abi.HasQuiet(abi));
    }

    [Fact]
    public void The_table_above_covers_every_version() => Assert.Equal(Abi.Newest, Table.Count);

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void Below_the_table_there_is_nothing(int abi)
    {
        Assert.Equal(AccessFs.None, Abi.AllFs(abi));
        Assert.Equal(AccessNet.None, Abi.AllNet(abi));
        Assert.Equal(Scope.None, Abi.AllScopes(abi));
        Assert.Equal(RestrictFlags.None, Abi.AllFlags(abi));
    }

    [Fact]
    public void Above_the_table_there_is_what_the_newest_has()
    {
        Assert.Equal(Abi.AllFs(Abi.Newest), Abi.AllFs(Abi.Newest + 1));
        Assert.Equal(Abi.AllNet(Abi.Newest), Abi.AllNet(99));
        Assert.Equal(Abi.AllScopes(Abi.Newest), Abi.AllScopes(99));
        Assert.Equal(Abi.AllFlags(Abi.Newest), Abi.AllFlags(99));
        Assert.Equal("7.3", Abi.Release(99));
    }

    [Fact]
    public void File_rights_are_those_the_kernel_accepts_on_a_file() =>
        Assert.Equal(AccessFs.Execute | AccessFs.WriteFile | AccessFs.ReadFile | AccessFs.Truncate | AccessFs.IoctlDev | AccessFs.ResolveUnix, Abi.FileRights);

    [Fact]
    public void Only_filesystem_rights_apply_to_files() => Assert.All(Abi.Rights, right => Assert.True(right.Kind == RightKind.Fs || !right.AppliesToFiles));

    [Fact]
    public void Every_right_is_named_like_its_enum_member()
    {
        Same<AccessFs>(RightKind.Fs, value => (ulong)value);
        Same<AccessNet>(RightKind.Net, value => (ulong)value);
        Same<Scope>(RightKind.Scope, value => (ulong)value);
        Same<RestrictFlags>(RightKind.Flag, value => (ulong)value);

        static void Same<T>(RightKind kind, Func<T, ulong> bit)
            where T : struct, Enum
        {
            // Both ways at once: no member without a right, no right without a member, and both in the kernel's order.
            Assert.Equal(
                Enum.GetValues<T>().Where(value => bit(value) != 0).Select(value => (Snake(value.ToString()), bit(value))),
                Abi.Rights.Where(right => right.Kind == kind).Select(right => (right.Name, right.Bit)));
        }
    }

    [Fact]
    public void Every_bit_is_single_and_no_two_rights_of_a_kind_share_one()
    {
        Assert.All(Abi.Rights, right => Assert.True(ulong.IsPow2(right.Bit)));
        Assert.Equal(Abi.Rights.Length, Abi.Rights.DistinctBy(right => (right.Kind, right.Bit)).Count());
        Assert.Equal(Abi.Rights.Length, Abi.Rights.DistinctBy(right => right.Name).Count());
    }

    [Fact]
    public void Find_needs_kind_and_name()
    {
        Assert.All(Abi.Rights, right => Assert.Same(right, Abi.Find(right.Kind, right.Name)));
        Assert.Null(Abi.Find(RightKind.Net, "read_file"));
        Assert.Null(Abi.Find(RightKind.Fs, "READ_FILE"));
        Assert.Null(Abi.Find(RightKind.Fs, ""));
    }

    [Fact]
    public void Names_come_in_the_kernels_order()
    {
        Assert.Equal(["execute", "read_file", "read_dir"], Abi.Names(AccessFs.ReadDir | AccessFs.Execute | AccessFs.ReadFile));
        Assert.Equal(["bind_tcp", "connect_send_udp"], Abi.Names(AccessNet.ConnectSendUdp | AccessNet.BindTcp));
        Assert.Equal(["abstract_unix_socket", "signal"], Abi.Names(Scope.Signal | Scope.AbstractUnixSocket));
        Assert.Empty(Abi.Names(AccessFs.None));
        Assert.Empty(Abi.Names((AccessFs)(1UL << 63)));
        Assert.Equal("read_file", Abi.Find(RightKind.Fs, "read_file")!.ToString());
    }

    [Fact]
    public void Errata_are_numbered_by_bit()
    {
        Assert.Equal([1, 2, 3, 4], Erratum.All.Select(erratum => erratum.Number));
        Assert.Equal([4, 6, 1, 1], Erratum.All.Select(erratum => erratum.Abi));
        Assert.Empty(Erratum.InMask(0));
        Assert.Equal([1, 2, 3], Erratum.InMask(0x7).Select(erratum => erratum.Number));
        Assert.Equal([3, 4], Erratum.InMask(0xC).Select(erratum => erratum.Number));
        Assert.Equal([4], Erratum.InMask(ulong.MaxValue & ~7UL).Select(erratum => erratum.Number));
    }

    private static string Snake(string pascal) => Humps().Replace(pascal, "_$0").ToLowerInvariant();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex Humps();
}
