/// A column whose rows are written in any order, each to its place.
///
/// - Complexity: O(1) a row.
package struct ScatteredColumn {
    private let type: DataType
    private var buffer = Buffer(byteCount: 16)
    private var validity: ValidityBitmap?
    private var heaps: [StringHeap] = []

    package init(type: DataType) { self.type = type }

    /// Row i of the vector becomes row `targets[i]`.
    ///
    /// - Parameter capacity: above every target so far, and never less than before.
    package mutating func add(_ vector: ColumnVector, to targets: UnsafePointer<UInt32>, capacity: Int) {
        let source = vector.flattened()
        let stride = type.physical.stride
        if buffer.byteCount < capacity * stride {
            let larger = Buffer(byteCount: capacity * stride)
            larger.address.copyMemory(from: buffer.address, byteCount: buffer.byteCount)
            buffer = larger
        }
        switch stride {
        case 1: write(UInt8.self, source, targets)
        case 2: write(UInt16.self, source, targets)
        case 4: write(UInt32.self, source, targets)
        case 8: write(UInt64.self, source, targets)
        default: write(StringView.self, source, targets)
        }
        if source.mayHaveNulls {
            let bitmap = bitmap(capacity)
            for row in 0..<source.count where source.isNull(row) { bitmap.setNull(Int(targets[row])) }
        }
        // why: neighbouring vectors mostly share their one heap
        for heap in source.heaps where heaps.last !== heap && !heaps.contains(where: { $0 === heap }) { heaps.append(heap) }
    }

    @inline(__always)
    private func write<T: BitwiseCopyable>(_ element: T.Type, _ source: ColumnVector, _ targets: UnsafePointer<UInt32>) {
        let from = source.values(T.self)
        let to = buffer.values(T.self)
        for row in 0..<source.count { to[Int(targets[row])] = from[row] }
        withExtendedLifetime(source) {}
    }

    private mutating func bitmap(_ capacity: Int) -> ValidityBitmap {
        let covering = ValidityBitmap.covering(capacity, validity)
        validity = covering
        return covering
    }

    /// Makes one heap of the rows' heaps: a column of many heaps is copied where it is appended to others.
    package mutating func joinHeaps() {
        if heaps.count > 1 { heaps = [StringHeap(joining: heaps)] }
    }

    /// The rows below `count`, each of which was written, or is never read.
    package func column(count: Int) -> ColumnVector {
        let covers = validity.map { $0.count >= count } ?? true
        var all = self
        return ColumnVector(type: type, count: count, buffer: buffer, validity: covers ? validity : all.bitmap(count), heaps: heaps)
    }
}
