# Switches the kernel's audit log on and off, for tests (netlink(7), NETLINK_AUDIT; struct audit_status).
if (-not ('LandlockPS.Tests.AuditSwitch' -as [type])) {
    Add-Type -TypeDefinition @'
using System;
using System.Runtime.InteropServices;

namespace LandlockPS.Tests;

public static class AuditSwitch
{
    public static uint[] Get()
    {
        byte[] reply = Ask(1000, []);
        return [BitConverter.ToUInt32(reply, 20), BitConverter.ToUInt32(reply, 36)];
    }

    public static void Set(uint enabled, uint backlog)
    {
        byte[] status = new byte[40];
        BitConverter.GetBytes(1u | 16u).CopyTo(status, 0); // AUDIT_STATUS_ENABLED, AUDIT_STATUS_BACKLOG_LIMIT
        BitConverter.GetBytes(enabled).CopyTo(status, 4);
        BitConverter.GetBytes(backlog).CopyTo(status, 20);
        Ask(1001, status);
    }

    private static byte[] Ask(ushort type, byte[] body)
    {
        int descriptor = socket(16, 3 | 0x80000, 9);
        if (descriptor < 0) throw new InvalidOperationException($"no audit socket ({Marshal.GetLastPInvokeErrorMessage()})");
        try
        {
            byte[] message = new byte[16 + body.Length];
            BitConverter.GetBytes(message.Length).CopyTo(message, 0);
            BitConverter.GetBytes(type).CopyTo(message, 4);
            BitConverter.GetBytes((ushort)(type == 1000 ? 1 : 5)).CopyTo(message, 6);
            body.CopyTo(message, 16);
            byte[] kernel = [16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            if (sendto(descriptor, message, message.Length, 0, kernel, 12) < 0) throw new InvalidOperationException($"audit does not listen ({Marshal.GetLastPInvokeErrorMessage()})");
            byte[] reply = new byte[8192];
            if (recv(descriptor, reply, reply.Length, 0) < 40 && type == 1000 || BitConverter.ToUInt16(reply, 4) == 2 && BitConverter.ToInt32(reply, 16) != 0)
                throw new InvalidOperationException($"audit refuses (errno {-BitConverter.ToInt32(reply, 16)})");
            return reply;
        }
        finally
        {
            close(descriptor);
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int socket(int family, int type, int protocol);

    [DllImport("libc", SetLastError = true)]
    private static extern nint sendto(int socket, byte[] bytes, nint length, int flags, byte[] address, int addressLength);

    [DllImport("libc", SetLastError = true)]
    private static extern nint recv(int socket, byte[] bytes, nint length, int flags);

    [DllImport("libc")]
    private static extern int close(int descriptor);
}
'@
}

# Whether it is enabled, and how many records may wait.
function Get-AuditState {
    [LandlockPS.Tests.AuditSwitch]::Get()
}

function Switch-Audit([uint32] $Enabled, [uint32] $Backlog) {
    [LandlockPS.Tests.AuditSwitch]::Set($Enabled, $Backlog)
}

# Why it cannot be switched; nothing if it can. An audit log that is in use is not touched.
function Get-AuditObstacle {
    try {
        $enabled, $backlog = Get-AuditState
        if ($enabled -eq 2) { return 'the audit configuration is locked' }
        if (Get-Process auditd -ErrorAction Ignore) { return 'auditd is running, whose log is not for tests' }
        Switch-Audit $enabled $backlog
    }
    catch {
        return "$($_.Exception.InnerException.Message ?? $_)"
    }
}
