// The part of the core library that the compilers insist on. landlock-exec is its own core library, so there is no runtime to start:
// no allocation, no exceptions, no static constructors. Names and shapes are fixed by the C# compiler and by ILC.

#pragma warning disable CS1591, CS0169, CS0649, CA1051, CA1815, CA1018, CA1813, CA1052, IDE0051, IDE0044, CA1812, CA1801, CA1822, IDE0060

namespace System
{
    public class Object
    {
        private nint methodTable;
    }

    public struct Void
    {
    }

    public struct Boolean
    {
    }

    public struct Char
    {
    }

    public struct SByte
    {
    }

    public struct Byte
    {
    }

    public struct Int16
    {
    }

    public struct UInt16
    {
    }

    public struct Int32
    {
    }

    public struct UInt32
    {
    }

    public struct Int64
    {
    }

    public struct UInt64
    {
    }

    public struct Single
    {
    }

    public struct Double
    {
    }

    public unsafe struct IntPtr
    {
        private void* value;
    }

    public unsafe struct UIntPtr
    {
        private void* value;
    }

    public abstract class ValueType
    {
    }

    public abstract class Enum : ValueType
    {
    }

    public struct Nullable<T>
        where T : struct
    {
    }

    public sealed class String
    {
        public readonly int Length;
    }

    public abstract class Array
    {
    }

    public abstract class Delegate
    {
    }

    public abstract class MulticastDelegate : Delegate
    {
    }

    public struct RuntimeTypeHandle
    {
    }

    public struct RuntimeMethodHandle
    {
    }

    public struct RuntimeFieldHandle
    {
    }

    public class Attribute
    {
    }

    public enum AttributeTargets
    {
    }

    public sealed class AttributeUsageAttribute : Attribute
    {
        public AttributeUsageAttribute(AttributeTargets targets)
        {
        }

        public bool AllowMultiple { get; set; }

        public bool Inherited { get; set; }
    }

    /// <summary>What a "text"u8 literal becomes: the address of its bytes in the read-only part of the program.</summary>
    public readonly unsafe struct ReadOnlySpan<T>
    {
        public readonly void* Address;
        public readonly int Length;

        public ReadOnlySpan(void* address, int length)
        {
            Address = address;
            Length = length;
        }

        // The compiler demands this one and then uses the other.
        public ReadOnlySpan(T[] array, int start, int length)
        {
            Address = null;
            Length = 0;
        }
    }

    // ILC looks the following up by name, and nothing calls them.
    public class AppContext
    {
        public static void SetData(string name, object data)
        {
        }
    }

    internal static unsafe class Buffer
    {
        private static void BulkMoveWithWriteBarrier(void* target, void* source, nuint size)
        {
        }
    }

    internal static unsafe class SpanHelpers
    {
        private static void Fill(void* target, byte value, nuint size)
        {
        }

        private static void ClearWithoutReferences(void* target, nuint size)
        {
        }

        private static void Memmove(void* target, void* source, nuint size)
        {
        }
    }
}

namespace System.Reflection
{
    public sealed class DefaultMemberAttribute : Attribute
    {
        public DefaultMemberAttribute(string memberName)
        {
        }
    }
}

namespace System.Runtime
{
    internal sealed class RuntimeExportAttribute : Attribute
    {
        public RuntimeExportAttribute(string entry)
        {
        }
    }

    internal sealed class RuntimeImportAttribute : Attribute
    {
        public RuntimeImportAttribute(string library, string entry)
        {
        }
    }

    // ILC looks these casts up by name; there are no objects that could be cast.
    internal static unsafe class TypeCast
    {
        private static object CheckCastAny(void* type, object value) => null;

        private static object CheckCastInterface(void* type, object value) => null;

        private static object CheckCastClass(void* type, object value) => null;

        private static object CheckCastClassSpecial(void* type, object value) => null;

        private static object IsInstanceOfAny(void* type, object value) => null;

        private static object IsInstanceOfInterface(void* type, object value) => null;

        private static object IsInstanceOfClass(void* type, object value) => null;

        private static object IsInstanceOfException(void* type, object value) => null;
    }
}

namespace System.Runtime.CompilerServices
{
    public static class RuntimeHelpers
    {
        public static unsafe int OffsetToStringData => sizeof(nint) + sizeof(int);
    }

    public static class RuntimeFeature
    {
        public const string UnmanagedSignatureCallingConvention = nameof(UnmanagedSignatureCallingConvention);
    }

    public enum MethodImplOptions
    {
        InternalCall = 0x1000,
    }

    public sealed class MethodImplAttribute : Attribute
    {
        public MethodImplAttribute(MethodImplOptions options)
        {
        }
    }

    internal static class ClassConstructorRunner
    {
    }
}

namespace System.Runtime.InteropServices
{
    public enum LayoutKind
    {
        Sequential = 0,
        Explicit = 2,
        Auto = 3,
    }

    public sealed class StructLayoutAttribute : Attribute
    {
        public int Pack;
        public int Size;

        public StructLayoutAttribute(LayoutKind kind)
        {
        }
    }

    internal static unsafe class IDynamicInterfaceCastable
    {
        private static void* GetDynamicInterfaceImplementation(object instance, void* type, ushort slot) => null;
    }
}

namespace Internal.Runtime.CompilerHelpers
{
    // The linker wants these because ILC always emits the start-up of a native library; nothing calls it.
    internal static class StartupCodeHelpers
    {
        [System.Runtime.RuntimeExport("RhpReversePInvoke")]
        private static void ReversePInvoke(nint frame)
        {
        }

        [System.Runtime.RuntimeExport("RhpReversePInvokeReturn")]
        private static void ReversePInvokeReturn(nint frame)
        {
        }
    }

    // ILC looks these up: the first two where arm64 could divide by zero, which constants never do.
    internal static class ThrowHelpers
    {
        private static void ThrowDivideByZeroException()
        {
        }

        private static void ThrowOverflowException()
        {
        }

        private static void ThrowFeatureBodyRemoved()
        {
        }
    }
}
