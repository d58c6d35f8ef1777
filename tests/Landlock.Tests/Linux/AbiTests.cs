using System.Text.RegularExpressions;
using Landlock.Abi;

namespace Landlock.Tests.Linux;

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
    public void Every_version_has_its_masks_release_and_attribute_size(int abi, string release, ulong fs, ulong net, ulong scopes,
        ulong flags, int size)
    {
        Assert.Equal(fs, (ulong)AbiTable.AllFs(abi));
        Assert.Equal(net, (ulong)AbiTable.AllNet(abi));
        Assert.Equal(scopes, (ulong)AbiTable.AllScopes(abi));
        Assert.Equal(flags, (ulong)AbiTable.AllFlags(abi));
        Assert.Equal(release, AbiTable.Release(abi));
        Assert.Equal(size, AbiTable.AttributeSize(abi));
        Assert.Equal(abi >= 10, AbiTable.HasQuiet(abi));
    }

    [Fact]
    public void The_table_above_covers_every_version() => Assert.Equal(AbiTable.Newest, Table.Count);

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void Below_the_table_there_is_nothing(int abi)
    {
        Assert.Equal(AccessFs.None, AbiTable.AllFs(abi));
        Assert.Equal(AccessNet.None, AbiTable.AllNet(abi));
        Assert.Equal(Scope.None, AbiTable.AllScopes(abi));
        Assert.Equal(RestrictFlags.None, AbiTable.AllFlags(abi));
    }

    [Fact]
    public void Above_the_table_there_is_what_the_newest_has()
    {
        Assert.Equal(AbiTable.AllFs(AbiTable.Newest), AbiTable.AllFs(AbiTable.Newest + 1));
        Assert.Equal(AbiTable.AllNet(AbiTable.Newest), AbiTable.AllNet(99));
        Assert.Equal(AbiTable.AllScopes(AbiTable.Newest), AbiTable.AllScopes(99));
        Assert.Equal(AbiTable.AllFlags(AbiTable.Newest), AbiTable.AllFlags(99));
        Assert.Equal("7.3", AbiTable.Release(99));
    }

    [Fact]
    public void File_rights_are_those_the_kernel_accepts_on_a_file() =>
        Assert.Equal(AccessFs.Execute | AccessFs.WriteFile | AccessFs.ReadFile | AccessFs.Truncate | AccessFs.IoctlDev
            | AccessFs.ResolveUnix, AbiTable.FileRights);

    [Fact]
    public void Only_filesystem_rights_apply_to_files() =>
    Assert.All(AbiTable.Rights, right => Assert.True(right.Kind == RightKind.Fs || !right.AppliesToFiles));

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
                AbiTable.Rights.Where(right => right.Kind == kind).Select(right => (right.Name, right.Bit)));
        }
    }

    [Fact]
    public void Every_bit_is_single_and_no_two_rights_of_a_kind_share_one()
    {
        Assert.All(AbiTable.Rights, right => Assert.True(ulong.IsPow2(right.Bit)));
        Assert.Equal(AbiTable.Rights.Length, AbiTable.Rights.DistinctBy(right => (right.Kind, right.Bit)).Count());
        Assert.Equal(AbiTable.Rights.Length, AbiTable.Rights.DistinctBy(right => right.Name).Count());
    }

    [Fact]
    public void Find_needs_kind_and_name()
    {
        Assert.All(AbiTable.Rights, right => Assert.Same(right, AbiTable.Find(right.Kind, right.Name)));
        Assert.Null(AbiTable.Find(RightKind.Net, "read_file"));
        Assert.Null(AbiTable.Find(RightKind.Fs, "READ_FILE"));
        Assert.Null(AbiTable.Find(RightKind.Fs, ""));
    }

    [Fact]
    public void Names_come_in_the_kernels_order()
    {
        Assert.Equal(["execute", "read_file", "read_dir"], AbiTable.Names(AccessFs.ReadDir | AccessFs.Execute | AccessFs.ReadFile));
        Assert.Equal(["bind_tcp", "connect_send_udp"], AbiTable.Names(AccessNet.ConnectSendUdp | AccessNet.BindTcp));
        Assert.Equal(["abstract_unix_socket", "signal"], AbiTable.Names(Scope.Signal | Scope.AbstractUnixSocket));
        Assert.Empty(AbiTable.Names(AccessFs.None));
        Assert.Empty(AbiTable.Names((AccessFs)(1UL << 63)));
        Assert.Equal("read_file", AbiTable.Find(RightKind.Fs, "read_file")!.ToString());
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
