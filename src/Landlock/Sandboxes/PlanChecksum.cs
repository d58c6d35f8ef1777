// The checksum of a plan image. Compiled into both sides, as PlanLayout.cs is.

namespace Landlock.Sandboxes;

/// <summary>
/// A sum over a plan, so that one that was damaged on its way is not run: what lies where it may is not all that matters, a right that was
/// lost looks as good as any. It keeps nobody out who writes plans; the seals of the memory do.
/// </summary>
internal static unsafe class PlanChecksum
{
    // Odd, so that every step can be undone, and two plans that differ in one place never have the same sum.
    private const ulong Factor = 0x9E37_79B9_7F4A_7C15;
    private const uint Own = 2;

    /// <summary>The sum of everything but the sum itself.</summary>
    /// <param name="image">The image.</param>
    /// <param name="size">Its size, a multiple of 8.</param>
    public static ulong Of(byte* image, uint size)
    {
        ulong* words = (ulong*)image;
        ulong sum = 0;
        uint count = size >> 3;
        for (uint i = 0; i < count; i++)
        {
            if (i == Own)
                continue;
            sum = (sum ^ words[i]) * Factor;
            sum ^= sum >> 32;
        }

        return sum;
    }
}
