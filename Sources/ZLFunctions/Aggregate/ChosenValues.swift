import Glibc
import ZLColumnar

/// The chosen value of each group, of any type.
final class ChosenValues {
    private let type: DataType
    private var narrow: GroupArray<UInt64>?
    private var wide: GroupArray<StringView>?
    private var texts: GroupTexts?
    private var isNull = GroupArray<UInt8>(0)

    init(type: DataType) {
        self.type = type
        if type.physical == .string {
            texts = GroupTexts()
        } else if type.physical.stride == 16 {
            wide = GroupArray(StringView())
        } else {
            narrow = GroupArray(0)
        }
    }

    func grow(to groupCount: Int) {
        narrow?.grow(to: groupCount)
        wide?.grow(to: groupCount)
        texts?.grow(to: groupCount)
        isNull.grow(to: groupCount)
    }

    /// Copies the chosen rows of a flat vector.
    func take(_ vector: ColumnVector, _ chosen: ChosenRows) {
        if let texts {
            texts.keep(vector.values(StringView.self), chosen)
        } else if let wide {
            let target = wide.values
            copy(vector, StringView.self, chosen) { target[$0] = $1 }
        } else if let narrow {
            let target = narrow.values
            switch type.physical.stride {
            case 1: copy(vector, UInt8.self, chosen) { target[$0] = UInt64($1) }
            case 2: copy(vector, UInt16.self, chosen) { target[$0] = UInt64($1) }
            case 4: copy(vector, UInt32.self, chosen) { target[$0] = UInt64($1) }
            default: copy(vector, UInt64.self, chosen) { target[$0] = $1 }
            }
        }
        let nulls = isNull.values
        if vector.mayHaveNulls {
            let (mask, rows, groups) = (NullMask(vector), chosen.rows, chosen.groups)
            for index in 0..<chosen.count { nulls[Int(groups[index])] = mask.isNull(Int(rows[index])) ? 1 : 0 }
        } else {
            let groups = chosen.groups
            for index in 0..<chosen.count { nulls[Int(groups[index])] = 0 }
        }
        withExtendedLifetime(vector) {}
    }

    @inline(__always)
    private func copy<T>(_ vector: ColumnVector, _ element: T.Type, _ chosen: ChosenRows, _ store: (Int, T) -> Void) {
        let source = vector.values(T.self)
        let (rows, groups) = (chosen.rows, chosen.groups)
        for index in 0..<chosen.count { store(Int(groups[index]), source[Int(rows[index])]) }
    }

    /// One row a group; NULL where the group has no choice or chose a NULL.
    func column(_ presence: UnsafePointer<UInt8>) -> ColumnVector {
        let count = isNull.count
        let nulls = isNull.values
        func isHere(_ group: Int) -> Bool { presence[group] == 1 && nulls[group] == 0 }
        if let texts {
            texts.share()
            let views = texts.views
            return .groups(count: count, type: type, isPresent: isHere, heaps: [texts.heap]) {
                isHere($0) ? views[$0] : StringView()
            }
        }
        if let wide { return .groups(wide, type: type, isPresent: isHere) }
        guard let values = narrow?.values else { return .nulls(type, count: count) }
        return switch type.physical.stride {
        case 1: .groups(count: count, type: type, isPresent: isHere) { UInt8(truncatingIfNeeded: values[$0]) }
        case 2: .groups(count: count, type: type, isPresent: isHere) { UInt16(truncatingIfNeeded: values[$0]) }
        case 4: .groups(count: count, type: type, isPresent: isHere) { UInt32(truncatingIfNeeded: values[$0]) }
        default: .groups(count: count, type: type, isPresent: isHere) { values[$0] }
        }
    }
}

/// A text a group, in memory of its own that is written again where the next text fits.
final class GroupTexts {
    let heap = StringHeap()
    private var held = GroupArray(StringView())
    private var places = GroupArray(Place(address: 0, room: 0, stamp: 0))
    private var stamp: UInt32 = 0

    private struct Place {
        var address: UInt
        var room: UInt32
        /// The last batch that wrote here.
        var stamp: UInt32
    }

    var views: UnsafeMutablePointer<StringView> { held.values }

    func grow(to groupCount: Int) {
        held.grow(to: groupCount)
        places.grow(to: groupCount)
    }

    /// Keeps the views at the chosen rows with copies of their bytes: of each group the last one.
    func keep(_ source: UnsafePointer<StringView>, _ chosen: ChosenRows) {
        stamp &+= 1
        for index in stride(from: chosen.count - 1, through: 0, by: -1) {
            let group = Int(chosen.groups[index])
            let place = places.values + group
            if place.pointee.stamp == stamp { continue }
            place.pointee.stamp = stamp
            held.values[group] = kept(source + Int(chosen.rows[index]), place)
        }
    }

    private func kept(_ view: UnsafePointer<StringView>, _ place: UnsafeMutablePointer<Place>) -> StringView {
        if view.pointee.isInline { return view.pointee }
        let bytes = view.bytes
        if bytes.count > Int(place.pointee.room) {
            place.pointee.address = UInt(bitPattern: heap.allocate(bytes.count))
            place.pointee.room = UInt32(truncatingIfNeeded: bytes.count)
        }
        guard let target = UnsafeMutableRawPointer(bitPattern: place.pointee.address), let start = bytes.baseAddress else {
            return StringView()
        }
        target.copyMemory(from: start, byteCount: bytes.count)
        return StringView(UnsafeRawPointer(target), count: bytes.count)
    }

    /// The texts are shown to others from here on: no byte of them may change.
    func share() {
        for group in 0..<places.count { places.values[group].room = 0 }
    }
}
