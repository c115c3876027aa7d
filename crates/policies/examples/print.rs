fn main() {
    for object in transom_policies::kubernetes::validating_policies() {
        println!("---\n{}", transom_yaml::to_yaml(&object, &Default::default()));
    }
}
