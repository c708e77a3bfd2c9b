"""What the AWS plugins share: clients, errors said for users, ranged reads. No plugin itself."""
