using Landlock.Abi;

namespace Landlock.Tests.Linux;

/// <summary>The table against the running kernel: exactly what the table says is accepted, and nothing more.</summary>
public sealed class KernelAgreementTests
{
    private static readonly int Version = RawKernel.Version;

    [KernelFact]
    public void The_kernel_handles_every_filesystem_right_of_the_table_and_no_other()
    {
        Assert.Equal(0, RawKernel.CreateRuleset((ulong)AbiTable.AllFs(Version)));
        for (int bit = 0; bit < 64; bit++)
            Assert.Equal(((ulong)AbiTable.AllFs(Version) & (1UL << bit)) != 0 ? 0 : RawKernel.EINVAL, RawKernel.CreateRuleset(1UL << bit));
    }

    [KernelFact]
    public void The_kernel_handles_every_network_right_and_scope_of_the_table_and_no_other()
    {
        // Below the ABI of a field any value in it is too big a structure; from there on an unknown bit is invalid.
        for (int bit = 0; bit < 64; bit++)
        {
            Assert.Equal(Expected((ulong)AbiTable.AllNet(Version), bit, since: 4), RawKernel.CreateRuleset(0, 1UL << bit));
            Assert.Equal(Expected((ulong)AbiTable.AllScopes(Version), bit, since: 6), RawKernel.CreateRuleset(0, 0, 1UL << bit));
        }

        static int Expected(ulong known, int bit, int since) =>
            Version < since ? RawKernel.E2BIG : (known & (1UL << bit)) != 0 ? 0 : RawKernel.EINVAL;
    }

    [KernelFact]
    public void The_attribute_is_as_large_as_the_table_says()
    {
        int fields = AbiTable.AttributeSize(Version) / sizeof(ulong);
        ulong[] attribute = new ulong[fields + 1];
        attribute[0] = 1;
        attribute[fields] = 1UL << 63;
        Assert.Equal(RawKernel.E2BIG, RawKernel.CreateRuleset(attribute));
        attribute[fields] = 0;
        attribute[fields - 1] = 1UL << 63;
        Assert.Equal(RawKernel.EINVAL, RawKernel.CreateRuleset(attribute));
    }

    [KernelFact]
    public void A_rule_on_a_file_may_hold_the_file_rights_and_no_other()
    {
        foreach (Right right in AbiTable.InMask(RightKind.Fs, (ulong)AbiTable.AllFs(Version)))
        {
            Assert.Equal(right.AppliesToFiles ? 0 : RawKernel.EINVAL, Add("/etc/passwd", right));
            Assert.Equal(right.AppliesToFiles ? 0 : RawKernel.EINVAL, Add("/dev/null", right));
            Assert.Equal(0, Add("/etc", right));
        }

        static int Add(string path, Right right) =>
            RawKernel.WithRuleset([right.Bit], ruleset => RawKernel.AddPathRule(ruleset, path, right.Bit));
    }

    [KernelFact]
    public void The_kernel_knows_every_flag_of_the_table_and_no_other()
    {
        for (int bit = 0; bit < 32; bit++)
        {
            int error = RawKernel.JudgeFlags(1U << bit);
            // Without CAP_SYS_ADMIN and no_new_privs the kernel may refuse before it looks at the flags.
            if (error == RawKernel.EPERM) continue;
            Assert.Equal(((uint)AbiTable.AllFlags(Version) & (1U << bit)) != 0 ? RawKernel.EBADF : RawKernel.EINVAL, error);
        }
    }
}
