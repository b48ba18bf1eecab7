import ZLColumnar

extension NearestName {
    /// `did you mean "close"?`, where something is near.
    static func hint(_ name: String, among candidates: [String]) -> String? {
        find(name, among: candidates).map { "did you mean \"\($0)\"?" }
    }
}
