using Landlock.Linux;

namespace Landlock.Sandboxes.Filters;

/// <summary>
/// Goes by the number of the system call, in few steps however many are looked at: half of them is left out with each comparison.
/// </summary>
internal sealed class CallSwitch
{
    // As many are compared one after the other.
    private const int Few = 3;

    private readonly SortedList<uint, FilterProgram.Label> _targets = [];

    /// <summary>Where calls go; no number twice.</summary>
    public CallSwitch On(FilterProgram.Label target, params ReadOnlySpan<uint> numbers)
    {
        foreach (uint number in numbers) _targets.Add(number, target);
        return this;
    }

    /// <summary>Writes it; every other call is allowed.</summary>
    public void Write(FilterProgram program) => Write(program, 0, _targets.Count);

    private void Write(FilterProgram program, int first, int end)
    {
        if (end - first > Few)
        {
            FilterProgram.Label above = new();
            int middle = (first + end) / 2;
            program.IfAtLeast(_targets.GetKeyAtIndex(middle), above);
            Write(program, first, middle);
            program.Place(above);
            Write(program, middle, end);
            return;
        }

        for (int i = first; i < end; i++) program.IfEqual(_targets.GetKeyAtIndex(i), _targets.GetValueAtIndex(i));
        program.End(FilterProgram.Allow);
    }
}
