"""What scenes of several topics share."""
