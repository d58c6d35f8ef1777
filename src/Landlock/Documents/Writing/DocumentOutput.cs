using System.Text;

namespace Landlock.Documents.Writing;

/// <summary>
/// Where documents are written to, in either syntax. Keys are given as TOML spells them; plain values of a table come before tables in it.
/// </summary>
internal abstract class DocumentOutput
{
    /// <summary>Writes a text.</summary>
    /// <exception cref="ArgumentException">It has half of a surrogate pair, which no document can hold.</exception>
    public abstract void Text(string key, string value);

    /// <summary>Writes a number.</summary>
    public abstract void Number(string key, long value);

    /// <summary>Writes true or false.</summary>
    public abstract void Flag(string key, bool value);

    /// <summary>Writes an array of texts; nothing if there is none.</summary>
    /// <exception cref="ArgumentException">One has half of a surrogate pair, which no document can hold.</exception>
    public abstract void Texts(string key, IReadOnlyCollection<string> values);

    /// <summary>Writes an array of ports, each a number or, as a range, a text.</summary>
    public abstract void Ports(string key, IEnumerable<PolicyPorts> values);

    /// <summary>Writes a table.</summary>
    public abstract void Table(string key, Action content);

    /// <summary>Writes an array of tables; nothing if there is none.</summary>
    public abstract void Tables<T>(string key, IEnumerable<T> items, Action<T> content);

    /// <summary>Writes a comment before the next table, where the syntax has comments.</summary>
    public virtual void Comment(string text)
    {
    }

    /// <summary>The number of a port.</summary>
    /// <exception cref="PolicyException">It is larger than documents can hold.</exception>
    protected static long NumberOf(PolicyPorts port) => port.First <= long.MaxValue
        ? (long)port.First
        : throw PolicyException.At(port.Location, $"the number {port.First} is too large to be written; ports go up to {ushort.MaxValue}");

    protected static void RequireText(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!Rune.TryGetRuneAt(text, i, out _)) throw new ArgumentException("The text has half of a surrogate pair.", nameof(text));
            i++;
        }
    }
}
