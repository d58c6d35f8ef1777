using System.Collections;

namespace Landlock.Documents.Toml;

/// <summary>A TOML array. Its elements may be of different types.</summary>
public sealed class TomlArray : TomlNode, IReadOnlyList<TomlNode>
{
    private readonly List<TomlNode> _elements;

    /// <summary>Makes an array.</summary>
    /// <exception cref="ArgumentException">The nesting is deeper than <see cref="TomlNode.MaxDepth"/>.</exception>
    public TomlArray(IEnumerable<TomlNode> elements, TomlPosition position = default)
        : this([.. elements], position, hasHeaders: false)
    {
    }

    internal TomlArray(List<TomlNode> elements, TomlPosition position, bool hasHeaders)
        : base(position)
    {
        _elements = elements;
        HasHeaders = hasHeaders;
        int highest = 0;
        foreach (TomlNode element in elements)
        {
            ArgumentNullException.ThrowIfNull(element, nameof(elements));
            highest = Math.Max(highest, element.Height);
        }


        Height = HeightAbove(highest);
    }

    /// <summary>Whether the text writes the array with <c>[[headers]]</c>, so that more of them may follow.</summary>
    public bool HasHeaders { get; }

    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.Array;

    /// <summary>The number of elements.</summary>
    public int Count => _elements.Count;

    internal override int Height { get; }

    /// <summary>The element with the index, from 0.</summary>
    public TomlNode this[int index] => _elements[index];

    /// <summary>An array of strings.</summary>
    public static TomlArray OfStrings(IEnumerable<string> values) => new(values.Select(value => new TomlString(value)));

    /// <inheritdoc/>
    public IEnumerator<TomlNode> GetEnumerator() => _elements.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override bool ContentEquals(TomlNode? other)
    {
        if (other is not TomlArray that || Count != that.Count) return false;
        for (int i = 0; i < Count; i++)
        {
            if (!this[i].ContentEquals(that[i])) return false;
        }

        return true;
    }
}
